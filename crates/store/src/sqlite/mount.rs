//! Finds out whether a file lies on a network file system, where SQLite's locks and shared memory do not work.

use std::path::{Path, PathBuf};

use crate::StoreError;

/// Types of file systems as the kernel names them. Those of FUSE come as `fuse.<name>`.
const NETWORK: &[&str] = &[
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "pvfs2",
    "smb3",
    "smbfs",
];
const NETWORK_FUSE: &[&str] = &[
    "ceph",
    "ceph-fuse",
    "curlftpfs",
    "davfs2",
    "gcsfuse",
    "glusterfs",
    "goofys",
    "juicefs",
    "moosefs",
    "mfs",
    "rclone",
    "s3fs",
    "seaweedfs",
    "smbnetfs",
    "sshfs",
];

/// Refuses a file on a network file system, on Linux only. On other systems nothing is checked.
pub(super) fn refuse_network(path: &Path) -> Result<(), StoreError> {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else { return Ok(()) };
    check(&mounts, path)
}

fn check(mounts: &str, path: &Path) -> Result<(), StoreError> {
    match file_system(mounts, path) {
        Some(fstype) if is_network(fstype) => Err(StoreError::NetworkMount { fstype: fstype.to_owned() }),
        _ => Ok(()),
    }
}

fn is_network(fstype: &str) -> bool {
    let fuse = fstype.strip_prefix("fuse.").is_some_and(|name| NETWORK_FUSE.contains(&name));
    fuse || NETWORK.contains(&fstype)
}

/// Returns the type of the file system of a path, from the lines of `mountinfo`. The longest mount point that contains
/// the path is used. If several mounts have the same mount point, the last one is used, because it hides the others.
fn file_system<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let above = mounts.lines().filter_map(mount).filter(|(point, _)| path.starts_with(point));
    above.max_by_key(|(point, _)| point.components().count()).map(|(_, fstype)| fstype)
}

/// `36 35 98:0 /root /point options optional… - type source …`
fn mount(line: &str) -> Option<(PathBuf, &str)> {
    let (left, right) = line.split_once(" - ")?;
    let point = left.split(' ').nth(4)?;
    Some((PathBuf::from(unescaped(point)), right.split(' ').next()?))
}

/// Decodes a path: the kernel writes a space, a tab, a line end and a backslash as a backslash and three octal digits.
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 21 0:40 / /mnt/share rw,relatime shared:9 master:2 - nfs4 host:/export rw,vers=4.2
31 30 254:1 / /mnt/share/local rw,relatime - xfs /dev/vdb rw
32 21 0:41 / /mnt/two\\040words rw - fuse.sshfs me@host:/ rw
33 21 0:42 / /over rw - cifs //host/share rw
34 21 254:2 / /over rw - ext4 /dev/vdc rw
35 21 0:43 / /wsl rw - 9p C:\\134 rw
no mount at all
";

    #[test]
    fn the_longest_and_last_mount_counts() {
        for (path, fstype) in [
            ("/home/app.db", "ext4"),
            ("/mnt/share/app.db", "nfs4"),
            ("/mnt/shared.db", "ext4"),
            ("/mnt/share/local/app.db", "xfs"),
            ("/mnt/two words/app.db", "fuse.sshfs"),
            ("/over/app.db", "ext4"),
            ("/wsl/app.db", "9p"),
        ] {
            assert_eq!(file_system(MOUNTS, Path::new(path)), Some(fstype), "{path}");
        }
        assert_eq!(file_system("", Path::new("/app.db")), None);
    }

    #[test]
    fn network_file_systems_are_known() {
        for network in ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.rclone", "ceph"] {
            assert!(is_network(network), "{network}");
        }
        for local in ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuse.mergerfs", "fuseblk", "zfs"] {
            assert!(!is_network(local), "{local}");
        }
    }

    #[test]
    fn a_network_file_system_is_refused_by_its_name() {
        check(MOUNTS, Path::new("/home/app.db")).unwrap();
        let error = check(MOUNTS, Path::new("/mnt/two words/app.db")).unwrap_err();
        assert!(error.to_string().contains("network file system (fuse.sshfs): put it on a local disk"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_is_understood() {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert!(file_system(&mounts, Path::new("/proc/self/x")).is_some_and(|fstype| fstype == "proc"));
    }
}

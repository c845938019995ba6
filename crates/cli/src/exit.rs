//! What the exit status says.

/// What became of a command, as scripts read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// It failed, and nothing went out.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// It is unknown whether it went out: do not repeat it.
    Unknown = 3,
    /// The credentials are missing or refused.
    Credentials = 4,
    /// Nothing went out, and the same may succeed later.
    Later = 5,
    /// A policy or a person said no.
    Refused = 6,
    /// It was interrupted before anything could leave.
    Interrupted = 130,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    /// How bad it is in a list of sends: the worst one is the status of the list.
    const fn rank(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Later => 1,
            Self::Interrupted => 2,
            Self::Failed => 3,
            Self::Refused => 4,
            Self::Usage => 5,
            Self::Credentials => 6,
            Self::Unknown => 7,
        }
    }

    /// The worse of two.
    pub(crate) const fn worse(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_sends_ends_with_the_worst() {
        use Exit::*;
        let by_rank = [Done, Later, Failed, Refused, Credentials, Unknown];
        for (worse, exit) in by_rank.iter().enumerate() {
            for other in &by_rank[..worse] {
                assert_eq!((exit.worse(*other), other.worse(*exit)), (*exit, *exit));
            }
        }
    }
}

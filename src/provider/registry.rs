//! The adapters that a dashboard has, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Messenger, ProviderAdapter, ProviderInfo, ProviderName};

/// The adapters that a dashboard has, by name.
///
/// ```
/// use std::sync::Arc;
///
/// use switchboard::{ProviderAdapter, ProviderName, ProviderRegistry};
///
/// /// The handle is owned: it can be moved into a task, and outlives the registry.
/// fn adapter_of(registry: &ProviderRegistry, tenant_uses: &str) -> Option<Arc<dyn ProviderAdapter>> {
///     registry.get(&ProviderName::from(tenant_uses))
/// }
///
/// let registry = ProviderRegistry::new();
/// assert!(adapter_of(&registry, "no such provider").is_none());
/// ```
#[derive(Debug, Clone, Default)]
pub struct ProviderRegistry {
    adapters: BTreeMap<ProviderName, Arc<dyn ProviderAdapter>>,
}

impl ProviderRegistry {
    /// Makes an empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an adapter, or an `Arc` of one, and returns the adapter of the same name that it replaces.
    pub fn register(&mut self, adapter: impl ProviderAdapter) -> Option<Arc<dyn ProviderAdapter>> {
        self.adapters.insert(adapter.name(), Arc::new(adapter))
    }

    /// Returns the adapter with this name, as an owned handle.
    #[must_use]
    pub fn get(&self, name: &ProviderName) -> Option<Arc<dyn ProviderAdapter>> {
        self.adapters.get(name).map(Arc::clone)
    }

    /// Returns the adapter of a name as a [`Messenger`]; `None` where there is no such adapter, or where it cannot
    /// text.
    #[must_use]
    pub fn messenger(&self, name: &ProviderName) -> Option<Arc<dyn Messenger>> {
        self.get(name)?.shared_messenger()
    }

    /// Returns the names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &ProviderName> {
        self.adapters.keys()
    }

    /// Returns the adapters, sorted by name.
    pub fn adapters(&self) -> impl Iterator<Item = Arc<dyn ProviderAdapter>> + '_ {
        self.adapters.values().map(Arc::clone)
    }

    /// Returns what a dashboard shows of each, sorted by name.
    pub fn infos(&self) -> impl Iterator<Item = &'static ProviderInfo> + '_ {
        self.adapters.values().map(|adapter| adapter.info())
    }
}

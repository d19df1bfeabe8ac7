//! Development only: the service over an embedded engine.

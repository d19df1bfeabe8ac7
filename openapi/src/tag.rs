//! Groups of operations.

/// A group of operations in the document, one for each folder of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    /// Users.
    Users,
    /// Passwords.
    Passwords,
    /// Sessions.
    Sessions,
    /// Groups.
    Groups,
    /// Memberships.
    Memberships,
    /// API keys.
    ApiKeys,
    /// The instance as a whole.
    Instance,
    /// The documentation of the API.
    Documentation,
    /// The pages for people. They are no part of the document.
    Pages,
}

impl Tag {
    /// All tags, in the order of the document, and then the tag of the pages.
    pub const ALL: [Self; 9] = [
        Self::Users,
        Self::Passwords,
        Self::Sessions,
        Self::Groups,
        Self::Memberships,
        Self::ApiKeys,
        Self::Instance,
        Self::Documentation,
        Self::Pages,
    ];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Passwords => "Passwords",
            Self::Sessions => "Sessions",
            Self::Groups => "Groups",
            Self::Memberships => "Memberships",
            Self::ApiKeys => "API keys",
            Self::Instance => "Instance",
            Self::Documentation => "Documentation",
            Self::Pages => "Pages",
        }
    }

    /// One sentence for the reader of the document.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Users => "Users and their profiles.",
            Self::Passwords => "Passwords, reset links and password rules.",
            Self::Sessions => "Login, logout and the sessions of a user.",
            Self::Groups => {
                "Permission groups. Group 1 contains all users, group 2 all administrators."
            }
            Self::Memberships => "Members of groups.",
            Self::ApiKeys => "Credentials for programs.",
            Self::Instance => "Setup, settings, health and the audit log.",
            Self::Documentation => "This document and the API reference page.",
            Self::Pages => "Pages for people, with their assets. They call the routes above.",
        }
    }
}

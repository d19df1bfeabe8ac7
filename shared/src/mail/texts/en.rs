//! English.

use super::{EmailText, Texts};

pub(super) const TEXTS: Texts = Texts {
    language: "en",
    greeting: "Hello {name},",
    greeting_without_name: "Hello,",
    below_button: "If the button does not work, open this address:",
    password_reset: EmailText {
        subject: "Your password at {site}",
        before: &[
            "A new password was requested for your account at {site}.",
            "Choose it here within two days. The link works once:",
        ],
        button: "Choose a new password",
        after: &["If it was not you, do nothing: your password stays as it is."],
    },
    password_reset_unavailable: EmailText {
        subject: "Your password at {site}",
        before: &[
            "A new password was requested for your account at {site}.",
            "The account is deactivated, or signs in elsewhere, and has no password to choose. \
             An administrator can help.",
        ],
        button: "",
        after: &["If it was not you, do nothing."],
    },
    invitation: EmailText {
        subject: "Your account at {site}",
        before: &[
            "You have an account at {site}.",
            "Choose its password here within two days. The link works once:",
        ],
        button: "Choose a password",
        after: &["If you did not expect this email, do nothing."],
    },
    email_confirmation: EmailText {
        subject: "Confirm your email address at {site}",
        before: &[
            "This address was entered as the new email address of an account at {site}.",
            "Confirm it here within two days:",
        ],
        button: "Confirm the address",
        after: &["If it was not you, do nothing: the account keeps its present address."],
    },
    email_change: EmailText {
        subject: "Your email address at {site} changes",
        before: &[
            "Your account at {site} gets another email address. If it was you, do nothing.",
            "If it was not you, keep this address here within a week. The link also ends all \
             sessions, and you choose a new password:",
        ],
        button: "Keep this address",
        after: &[],
    },
    password_changed: EmailText {
        subject: "Your password at {site} was changed",
        before: &[
            "The password of your account at {site} was changed, and all earlier sessions have \
             ended. If it was you, do nothing.",
            "If it was not you, choose a new password here at once, and tell an administrator:",
        ],
        button: "Choose a new password",
        after: &[],
    },
    password_set: EmailText {
        subject: "An administrator changed your password at {site}",
        before: &[
            "An administrator changed the password of your account at {site}, and all its \
             sessions have ended.",
            "If you did not ask for it, ask an administrator. You can choose a password of your \
             own here:",
        ],
        button: "Choose a new password",
        after: &[],
    },
    new_administrator: EmailText {
        subject: "You are an administrator of {site}",
        before: &[
            "Your account at {site} has become an administrator. It can now manage all people, \
             groups and API keys.",
            "If you did not expect this, tell another administrator.",
        ],
        button: "",
        after: &[],
    },
    api_key_created: EmailText {
        subject: "An API key was created with your account at {site}",
        before: &[
            "An API key was created with your account at {site}. If it was you, do nothing.",
            "If it was not you, choose a new password here at once: it ends the key. Then \
             tell an administrator:",
        ],
        button: "Choose a new password",
        after: &[],
    },
    new_device: EmailText {
        subject: "New sign-in to your account at {site}",
        before: &[
            "Your password was used to sign in to your account at {site}, from a device \
             that the account does not know. If it was you, do nothing.",
            "If it was not you, choose a new password here at once, and tell an \
             administrator:",
        ],
        button: "Choose a new password",
        after: &[],
    },
    test: EmailText {
        subject: "Test email from {site}",
        before: &["This is a test email. If you read it, emails from {site} arrive."],
        button: "",
        after: &[],
    },
};

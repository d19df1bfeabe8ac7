//! German.

use super::{EmailText, Texts};

pub(super) const TEXTS: Texts = Texts {
    language: "de",
    greeting: "Guten Tag {name},",
    greeting_without_name: "Guten Tag,",
    below_button: "Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse:",
    password_reset: EmailText {
        subject: "Ihr Passwort bei {site}",
        before: &[
            "Für Ihr Konto bei {site} wurde ein neues Passwort angefordert.",
            "Wählen Sie es hier innerhalb von zwei Tagen. Der Link funktioniert einmal:",
        ],
        button: "Neues Passwort wählen",
        after: &["Falls Sie das nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist."],
    },
    password_reset_unavailable: EmailText {
        subject: "Ihr Passwort bei {site}",
        before: &[
            "Für Ihr Konto bei {site} wurde ein neues Passwort angefordert.",
            "Das Konto ist deaktiviert oder meldet sich anderswo an, und hat kein Passwort, das \
             Sie wählen könnten. Ein Administrator kann helfen.",
        ],
        button: "",
        after: &["Falls Sie das nicht waren, tun Sie nichts."],
    },
    invitation: EmailText {
        subject: "Ihr Konto bei {site}",
        before: &[
            "Sie haben ein Konto bei {site}.",
            "Wählen Sie hier innerhalb von zwei Tagen das Passwort. Der Link funktioniert einmal:",
        ],
        button: "Passwort wählen",
        after: &["Falls Sie diese E-Mail nicht erwartet haben, tun Sie nichts."],
    },
    email_confirmation: EmailText {
        subject: "Bestätigen Sie Ihre E-Mail-Adresse bei {site}",
        before: &[
            "Diese Adresse wurde als neue E-Mail-Adresse eines Kontos bei {site} eingegeben.",
            "Bestätigen Sie sie hier innerhalb von zwei Tagen:",
        ],
        button: "Adresse bestätigen",
        after: &[
            "Falls Sie das nicht waren, tun Sie nichts: Das Konto behält seine bisherige Adresse.",
        ],
    },
    email_change: EmailText {
        subject: "Ihre E-Mail-Adresse bei {site} ändert sich",
        before: &[
            "Ihr Konto bei {site} erhält eine andere E-Mail-Adresse. Falls Sie das waren, tun Sie \
             nichts.",
            "Falls Sie das nicht waren, behalten Sie hier innerhalb einer Woche diese Adresse. Der \
             Link beendet auch alle Sitzungen, und Sie wählen ein neues Passwort:",
        ],
        button: "Diese Adresse behalten",
        after: &[],
    },
    password_changed: EmailText {
        subject: "Ihr Passwort bei {site} wurde geändert",
        before: &[
            "Das Passwort Ihres Kontos bei {site} wurde geändert, und alle früheren Sitzungen sind \
             beendet. Falls Sie das waren, tun Sie nichts.",
            "Falls Sie das nicht waren, wählen Sie hier sofort ein neues Passwort und \
             benachrichtigen Sie einen Administrator:",
        ],
        button: "Neues Passwort wählen",
        after: &[],
    },
    password_set: EmailText {
        subject: "Ein Administrator hat Ihr Passwort bei {site} geändert",
        before: &[
            "Ein Administrator hat das Passwort Ihres Kontos bei {site} geändert, und alle seine \
             Sitzungen sind beendet.",
            "Falls Sie nicht darum gebeten haben, fragen Sie einen Administrator. Ein eigenes \
             Passwort können Sie hier wählen:",
        ],
        button: "Neues Passwort wählen",
        after: &[],
    },
    new_administrator: EmailText {
        subject: "Sie sind Administrator von {site}",
        before: &[
            "Ihr Konto bei {site} ist jetzt Administrator. Es kann alle Personen, Gruppen und \
             API-Schlüssel verwalten.",
            "Falls Sie das nicht erwartet haben, benachrichtigen Sie einen anderen Administrator.",
        ],
        button: "",
        after: &[],
    },
    api_key_created: EmailText {
        subject: "Mit Ihrem Konto bei {site} wurde ein API-Schlüssel erstellt",
        before: &[
            "Mit Ihrem Konto bei {site} wurde ein API-Schlüssel erstellt. Falls Sie das \
             waren, müssen Sie nichts tun.",
            "Falls Sie es nicht waren, wählen Sie hier sofort ein neues Passwort: Das \
             beendet den Schlüssel. Benachrichtigen Sie dann einen Administrator:",
        ],
        button: "Neues Passwort wählen",
        after: &[],
    },
    new_device: EmailText {
        subject: "Neue Anmeldung bei Ihrem Konto bei {site}",
        before: &[
            "Mit Ihrem Passwort hat sich jemand bei Ihrem Konto bei {site} angemeldet, mit \
             einem Gerät, das dem Konto unbekannt ist. Falls Sie das waren, müssen Sie \
             nichts tun.",
            "Falls Sie es nicht waren, wählen Sie hier sofort ein neues Passwort und \
             benachrichtigen Sie einen Administrator:",
        ],
        button: "Neues Passwort wählen",
        after: &[],
    },
    test: EmailText {
        subject: "Test-E-Mail von {site}",
        before: &["Das ist eine Test-E-Mail. Wenn Sie sie lesen, kommen E-Mails von {site} an."],
        button: "",
        after: &[],
    },
};

//! French.

use super::{EmailText, Texts};

pub(super) const TEXTS: Texts = Texts {
    language: "fr",
    greeting: "Bonjour {name},",
    greeting_without_name: "Bonjour,",
    below_button: "Si le bouton ne fonctionne pas, ouvrez cette adresse :",
    password_reset: EmailText {
        subject: "Votre mot de passe sur {site}",
        before: &[
            "Un nouveau mot de passe a été demandé pour votre compte sur {site}.",
            "Choisissez-le ici dans les deux jours. Le lien fonctionne une seule fois :",
        ],
        button: "Choisir un nouveau mot de passe",
        after: &[
            "Si ce n’était pas vous, ne faites rien : votre mot de passe reste tel qu’il est.",
        ],
    },
    password_reset_unavailable: EmailText {
        subject: "Votre mot de passe sur {site}",
        before: &[
            "Un nouveau mot de passe a été demandé pour votre compte sur {site}.",
            "Le compte est désactivé, ou se connecte ailleurs, et n’a pas de mot de passe à \
             choisir. Un administrateur peut vous aider.",
        ],
        button: "",
        after: &["Si ce n’était pas vous, ne faites rien."],
    },
    invitation: EmailText {
        subject: "Votre compte sur {site}",
        before: &[
            "Vous avez un compte sur {site}.",
            "Choisissez ici son mot de passe dans les deux jours. Le lien fonctionne une seule \
             fois :",
        ],
        button: "Choisir un mot de passe",
        after: &["Si vous n’attendiez pas cet e-mail, ne faites rien."],
    },
    email_confirmation: EmailText {
        subject: "Confirmez votre adresse e-mail sur {site}",
        before: &[
            "Cette adresse a été saisie comme nouvelle adresse e-mail d’un compte sur {site}.",
            "Confirmez-la ici dans les deux jours :",
        ],
        button: "Confirmer l’adresse",
        after: &["Si ce n’était pas vous, ne faites rien : le compte garde son adresse actuelle."],
    },
    email_change: EmailText {
        subject: "Votre adresse e-mail sur {site} change",
        before: &[
            "Votre compte sur {site} reçoit une autre adresse e-mail. Si c’était vous, ne faites \
             rien.",
            "Si ce n’était pas vous, gardez ici cette adresse dans la semaine. Le lien met aussi \
             fin à toutes les sessions, et vous choisissez un nouveau mot de passe :",
        ],
        button: "Garder cette adresse",
        after: &[],
    },
    password_changed: EmailText {
        subject: "Votre mot de passe sur {site} a changé",
        before: &[
            "Le mot de passe de votre compte sur {site} a changé, et toutes les sessions \
             précédentes ont pris fin. Si c’était vous, ne faites rien.",
            "Si ce n’était pas vous, choisissez ici tout de suite un nouveau mot de passe et \
             prévenez un administrateur :",
        ],
        button: "Choisir un nouveau mot de passe",
        after: &[],
    },
    password_set: EmailText {
        subject: "Un administrateur a changé votre mot de passe sur {site}",
        before: &[
            "Un administrateur a changé le mot de passe de votre compte sur {site}, et toutes ses \
             sessions ont pris fin.",
            "Si vous ne l’avez pas demandé, interrogez un administrateur. Vous pouvez choisir ici \
             un mot de passe à vous :",
        ],
        button: "Choisir un nouveau mot de passe",
        after: &[],
    },
    new_administrator: EmailText {
        subject: "Vous êtes administrateur de {site}",
        before: &[
            "Votre compte sur {site} est maintenant administrateur. Il peut gérer toutes les \
             personnes, tous les groupes et toutes les clés d’API.",
            "Si vous ne vous y attendiez pas, prévenez un autre administrateur.",
        ],
        button: "",
        after: &[],
    },
    api_key_created: EmailText {
        subject: "Une clé d’API a été créée avec votre compte sur {site}",
        before: &[
            "Une clé d’API a été créée avec votre compte sur {site}. Si c’était vous, ne \
             faites rien.",
            "Si ce n’était pas vous, choisissez ici tout de suite un nouveau mot de passe : \
             la clé n’est alors plus valable. Prévenez ensuite un administrateur :",
        ],
        button: "Choisir un nouveau mot de passe",
        after: &[],
    },
    new_device: EmailText {
        subject: "Nouvelle connexion à votre compte sur {site}",
        before: &[
            "Votre mot de passe a servi à une connexion à votre compte sur {site}, depuis \
             un appareil que le compte ne connaît pas. Si c’était vous, ne faites rien.",
            "Si ce n’était pas vous, choisissez ici tout de suite un nouveau mot de passe \
             et prévenez un administrateur :",
        ],
        button: "Choisir un nouveau mot de passe",
        after: &[],
    },
    test: EmailText {
        subject: "E-mail de test de {site}",
        before: &["Ceci est un e-mail de test. Si vous le lisez, les e-mails de {site} arrivent."],
        button: "",
        after: &[],
    },
};

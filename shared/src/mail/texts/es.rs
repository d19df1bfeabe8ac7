//! Spanish.

use super::{EmailText, Texts};

pub(super) const TEXTS: Texts = Texts {
    language: "es",
    greeting: "Hola, {name}:",
    greeting_without_name: "Hola:",
    below_button: "Si el botón no funciona, abra esta dirección:",
    password_reset: EmailText {
        subject: "Su contraseña en {site}",
        before: &[
            "Se ha solicitado una nueva contraseña para su cuenta en {site}.",
            "Elíjala aquí en un plazo de dos días. El enlace funciona una sola vez:",
        ],
        button: "Elegir una nueva contraseña",
        after: &["Si no ha sido usted, no haga nada: su contraseña no cambia."],
    },
    password_reset_unavailable: EmailText {
        subject: "Su contraseña en {site}",
        before: &[
            "Se ha solicitado una nueva contraseña para su cuenta en {site}.",
            "La cuenta está desactivada, o inicia sesión en otro lugar, y no tiene contraseña que \
             elegir. Un administrador puede ayudarle.",
        ],
        button: "",
        after: &["Si no ha sido usted, no haga nada."],
    },
    invitation: EmailText {
        subject: "Su cuenta en {site}",
        before: &[
            "Tiene una cuenta en {site}.",
            "Elija aquí su contraseña en un plazo de dos días. El enlace funciona una sola vez:",
        ],
        button: "Elegir una contraseña",
        after: &["Si no esperaba este correo, no haga nada."],
    },
    email_confirmation: EmailText {
        subject: "Confirme su dirección de correo en {site}",
        before: &[
            "Esta dirección se ha indicado como la nueva dirección de correo de una cuenta en \
             {site}.",
            "Confírmela aquí en un plazo de dos días:",
        ],
        button: "Confirmar la dirección",
        after: &["Si no ha sido usted, no haga nada: la cuenta conserva su dirección actual."],
    },
    email_change: EmailText {
        subject: "Su dirección de correo en {site} cambia",
        before: &[
            "Su cuenta en {site} recibe otra dirección de correo. Si ha sido usted, no haga nada.",
            "Si no ha sido usted, conserve aquí esta dirección en un plazo de una semana. El \
             enlace también cierra todas las sesiones, y usted elige una nueva contraseña:",
        ],
        button: "Conservar esta dirección",
        after: &[],
    },
    password_changed: EmailText {
        subject: "Su contraseña en {site} ha cambiado",
        before: &[
            "La contraseña de su cuenta en {site} ha cambiado, y todas las sesiones anteriores se \
             han cerrado. Si ha sido usted, no haga nada.",
            "Si no ha sido usted, elija aquí una nueva contraseña de inmediato y avise a un \
             administrador:",
        ],
        button: "Elegir una nueva contraseña",
        after: &[],
    },
    password_set: EmailText {
        subject: "Un administrador ha cambiado su contraseña en {site}",
        before: &[
            "Un administrador ha cambiado la contraseña de su cuenta en {site}, y todas sus \
             sesiones se han cerrado.",
            "Si no lo ha pedido, pregunte a un administrador. Puede elegir aquí una contraseña \
             propia:",
        ],
        button: "Elegir una nueva contraseña",
        after: &[],
    },
    new_administrator: EmailText {
        subject: "Usted es administrador de {site}",
        before: &[
            "Su cuenta en {site} es ahora de administrador. Puede gestionar todas las personas, \
             los grupos y las claves de API.",
            "Si no lo esperaba, avise a otro administrador.",
        ],
        button: "",
        after: &[],
    },
    api_key_created: EmailText {
        subject: "Se ha creado una clave de API con su cuenta en {site}",
        before: &[
            "Se ha creado una clave de API con su cuenta en {site}. Si ha sido usted, no \
             haga nada.",
            "Si no ha sido usted, elija aquí enseguida una contraseña nueva: así la clave \
             deja de valer. Después avise a un administrador:",
        ],
        button: "Elegir una nueva contraseña",
        after: &[],
    },
    new_device: EmailText {
        subject: "Nuevo inicio de sesión en su cuenta en {site}",
        before: &[
            "Con su contraseña se ha iniciado sesión en su cuenta en {site}, desde un \
             dispositivo que la cuenta no conoce. Si ha sido usted, no haga nada.",
            "Si no ha sido usted, elija aquí enseguida una contraseña nueva y avise a un \
             administrador:",
        ],
        button: "Elegir una nueva contraseña",
        after: &[],
    },
    test: EmailText {
        subject: "Correo de prueba de {site}",
        before: &["Este es un correo de prueba. Si lo lee, los correos de {site} llegan."],
        button: "",
        after: &[],
    },
};

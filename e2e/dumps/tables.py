"""Metabase's tables in five versions, with hostile rows."""

from dataclasses import dataclass

HASH = "$2a$10$C6OAB3k6QgM6.0e8Jqo71udz14w2zMSVt4x.fdo9DmhnZkxs2yz4a"
SALT = "a4d9fe2a-fbd9-44c6-a1a1-de3bf8c3be86"

# Types of columns. Each database has its own name for them.
ID, TEXT, CITEXT, LONG, BOOL, TIME, LOCAL = "id", "text", "citext", "long", "bool", "time", "local"

POSTGRES = {
    ID: "integer", TEXT: "varchar(254)", CITEXT: "citext", LONG: "text", BOOL: "boolean",
    TIME: "timestamp with time zone", LOCAL: "timestamp without time zone",
}
MYSQL = {
    ID: "int", TEXT: "varchar(254)", CITEXT: "varchar(254)", LONG: "longtext", BOOL: "bit(1)",
    TIME: "timestamp(6) NULL", LOCAL: "datetime(6)",
}
H2 = {
    ID: "INTEGER", TEXT: "VARCHAR(254)", CITEXT: "VARCHAR_IGNORECASE(254)", LONG: "CLOB",
    BOOL: "BOOLEAN", TIME: "TIMESTAMP WITH TIME ZONE", LOCAL: "TIMESTAMP",
}

# First version, last version, name, type. Later columns are added at the end, as migrations do.
COLUMNS = {
    "core_user": [
        (0, 99, "id", ID), (0, 99, "email", CITEXT), (0, 99, "first_name", TEXT),
        (0, 99, "last_name", TEXT), (0, 99, "password", TEXT), (0, 99, "password_salt", TEXT),
        (0, 99, "date_joined", TIME), (0, 99, "last_login", TIME), (0, 99, "is_superuser", BOOL),
        (0, 99, "is_active", BOOL), (0, 99, "reset_token", TEXT), (0, 99, "is_qbnewb", BOOL),
        (0, 45, "google_auth", BOOL), (0, 45, "ldap_auth", BOOL),
        (0, 99, "login_attributes", LONG), (0, 99, "updated_at", LOCAL),
        (46, 99, "sso_source", TEXT), (0, 99, "locale", TEXT), (40, 99, "is_datasetnewb", BOOL),
        (47, 99, "settings", LONG), (50, 99, "type", TEXT), (50, 99, "entity_id", TEXT),
        (51, 99, "deactivated_at", TIME), (57, 99, "jwt_attributes", LONG),
        (57, 99, "tenant_id", ID), (59, 99, "is_data_analyst", BOOL),
    ],
    "permissions_group": [
        (0, 99, "id", ID), (0, 99, "name", TEXT), (50, 99, "entity_id", TEXT),
        (55, 99, "magic_group_type", TEXT), (57, 99, "is_tenant_group", BOOL),
    ],
    "permissions_group_membership": [
        (0, 99, "id", ID), (0, 99, "user_id", ID), (0, 99, "group_id", ID),
        (41, 99, "is_group_manager", BOOL),
    ],
    "api_key": [
        (49, 99, "id", ID), (49, 99, "user_id", ID), (49, 99, "key", TEXT),
        (49, 99, "key_prefix", TEXT), (49, 99, "creator_id", ID), (49, 99, "created_at", TIME),
        (49, 99, "updated_at", TIME), (49, 99, "name", TEXT), (49, 99, "updated_by_id", ID),
        (51, 99, "scope", TEXT),
    ],
}

VERSIONS = [40, 46, 50, 58, 62]

NAMES = [
    "O'Neil", "two\ttabs\t", "line\nbreak\r\n", "back\\slash\\", '"quoted"', "`tick`", "😀 smile",
    "שלום עולם", "\\N", "\\.", "', ''); DROP TABLE core_user; --", "", "a,b;c|d", "é\u0301",
    "%_\\%\\_", "$$ $_$", "/* */ # --", "\u0001\u0008\u001a", "null", "{\"a\": 1}",
]


@dataclass
class Table:
    """A table with its columns and rows."""

    name: str
    columns: list
    rows: list

    def records(self):
        """The rows as objects, without the columns that are not read."""
        return [dict(zip([name for name, _ in self.columns], row)) for row in self.rows]


def user(number: int) -> dict:
    name = NAMES[number % len(NAMES)]
    return {
        "id": number, "email": f"user{number}'\"\\@example.com", "first_name": name,
        "last_name": None if number % 5 == 0 else NAMES[(number + 7) % len(NAMES)],
        "password": HASH, "password_salt": "default" if number % 9 == 0 else SALT,
        "date_joined": f"2022-08-26 14:05:45.{number:06}",
        "last_login": None if number % 2 else "2023-01-02 03:04:05",
        "updated_at": "2023-01-02 03:04:05.5", "is_superuser": number == 1,
        "is_active": number % 4 != 0, "reset_token": HASH if number % 6 == 0 else None,
        "is_qbnewb": number % 3 == 0, "is_datasetnewb": number % 2 == 0,
        "google_auth": number % 7 == 0, "ldap_auth": number % 7 == 1,
        "login_attributes": None if number % 3 else '{"pl\\"ant": 7, "tab": "a\\tb", "on": true}',
        "sso_source": [None, "google", "saml"][number % 3], "locale": [None, "de", "pt_BR"][number % 3],
        "settings": "x" * 6000 if number == 2 else None, "type": "personal",
        "entity_id": "x" * 21, "deactivated_at": None if number % 4 else "2024-05-06 07:08:09",
        "jwt_attributes": '{"שם": "😀"}' if number % 2 else None,
        "tenant_id": number if number % 8 == 0 else None, "is_data_analyst": number % 10 == 3,
    }


def group(number: int) -> dict:
    return {
        "id": number, "name": f"{NAMES[number % len(NAMES)]}{number}", "entity_id": None,
        "magic_group_type": {1: "all-internal-users", 2: "admin"}.get(number),
        "is_tenant_group": number % 3 == 0,
    }


def membership(number: int) -> dict:
    return {"id": number, "user_id": number, "group_id": number % 5 + 1,
            "is_group_manager": number % 2 == 0}


def api_key(number: int) -> dict:
    return {
        "id": number, "user_id": None if number == 3 else number, "key": HASH,
        "key_prefix": f"mb_a+/{number}", "creator_id": 1, "created_at": "2024-05-06 07:08:09.123",
        "updated_at": "2024-05-06 07:08:09", "name": f"{NAMES[number % len(NAMES)]} {number}",
        "updated_by_id": 1, "scope": "scim" if number == 3 else None,
    }


MAKERS = {
    "core_user": (user, 40), "permissions_group": (group, 6),
    "permissions_group_membership": (membership, 20), "api_key": (api_key, 4),
}


def tables(version: int) -> list:
    """All tables of a version. Versions before 49 have no API keys."""
    result = []
    for name, (make, count) in MAKERS.items():
        columns = [(column, kind) for first, last, column, kind in COLUMNS[name]
                   if first <= version <= last]
        if columns:
            rows = [make(number) for number in range(1, count + 1)]
            result.append(Table(name, columns, [[row[c] for c, _ in columns] for row in rows]))
    return result


def literal(value, kind: str, dialect: str) -> str:
    """A value as SQL."""
    if value is None:
        return "NULL"
    if kind == BOOL:
        return {"mysql": ("b'0'", "b'1'")}.get(dialect, ("FALSE", "TRUE"))[value]
    if kind == ID:
        return str(value)
    if kind == TIME and dialect != "mysql":
        value += "+00"
    if dialect == "mysql":
        value = value.replace("\\", "\\\\")
    quoted = "'" + value.replace("'", "''") + "'"
    return quoted


def create(table: Table, dialect: str) -> str:
    """The statements that create and fill a table."""
    types = {"postgres": POSTGRES, "mysql": MYSQL, "h2": H2}[dialect]
    quote = "`" if dialect == "mysql" else '"'
    case = str.upper if dialect == "h2" else str

    def name(text):
        return f"{quote}{case(text)}{quote}"

    columns = ", ".join(
        f"{name(column)} {types[kind]}{' PRIMARY KEY' if column == 'id' else ''}"
        for column, kind in table.columns
    )
    statements = [f"CREATE TABLE {name(table.name)} ({columns});"]
    for row in table.rows:
        values = ", ".join(
            literal(value, kind, dialect) for value, (_, kind) in zip(row, table.columns)
        )
        statements.append(f"INSERT INTO {name(table.name)} VALUES ({values});")
    return "\n".join(statements) + "\n"

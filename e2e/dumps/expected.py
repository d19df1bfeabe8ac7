"""The rows that the reader must print for a table."""

import json

DEFAULTS = {
    "core_user": {
        "id": None, "email": None, "first_name": None, "last_name": None, "password": None,
        "password_salt": None, "date_joined": None, "last_login": None, "updated_at": None,
        "deactivated_at": None, "is_superuser": False, "is_active": True, "is_qbnewb": True,
        "is_datasetnewb": True, "is_data_analyst": False, "login_attributes": {},
        "jwt_attributes": {}, "sso_source": None, "locale": None, "type": "personal",
        "tenant_id": None,
    },
    "permissions_group": {
        "id": None, "name": None, "magic_group_type": None, "is_tenant_group": False,
    },
    "permissions_group_membership": {
        "id": None, "user_id": None, "group_id": None, "is_group_manager": False,
    },
    "api_key": {
        "id": None, "user_id": None, "key": None, "key_prefix": None, "creator_id": None,
        "created_at": None, "updated_at": None, "name": None, "updated_by_id": None, "scope": None,
    },
}

SECRETS = {"password", "password_salt", "key"}
TIMES = {"date_joined", "last_login", "updated_at", "deactivated_at", "created_at"}


def value(name: str, stored):
    """A value as the reader prints it."""
    if name in SECRETS:
        return "present"
    if name in TIMES:
        time = stored.replace(" ", "T")
        return (time.rstrip("0") if "." in time else time).rstrip(".") + "Z"
    if name.endswith("_attributes"):
        return {key: item if isinstance(item, str) else json.dumps(item)
                for key, item in json.loads(stored).items()}
    return stored


def rows(tables: list) -> list:
    """All rows, in an order of their own."""
    result = []
    for table in tables:
        for record in table.records():
            row = dict(DEFAULTS[table.name])
            for name, stored in record.items():
                if name in row and stored is not None:
                    row[name] = value(name, stored)
            if record.get("google_auth"):
                row["sso_source"] = "google"
            elif record.get("ldap_auth"):
                row["sso_source"] = "ldap"
            result.append(row | {"table": table.name})
    return ordered(result)


def ordered(found: list) -> list:
    """Rows by table and ID."""
    return sorted(found, key=lambda row: (row.get("table") or "", row.get("id") or 0))

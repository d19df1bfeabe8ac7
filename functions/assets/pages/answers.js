/**
 * Checks of the answers of the API.
 *
 * An answer of another form, for example the error page of a proxy, must not break a page. These
 * functions return values of the expected types, or `null`.
 */

/**
 * @typedef {object} Person
 * @property {number} id
 * @property {string} email
 * @property {string | null} firstName
 * @property {string | null} lastName
 * @property {string} name the full name, or the address
 * @property {boolean} isAdmin
 * @property {boolean} isActive
 * @property {boolean} mustChangePassword
 * @property {boolean} isInvited whether the person was invited and never came
 * @property {string | null} lastLogin
 * @property {string | null} joined
 * @property {string | null} locale
 * @property {boolean} hasNoPassword
 * @property {string | null} invitedUntil the end of an open invitation
 * @property {string | null} pendingEmail an address that waits for its confirmation
 * @property {number[]} groups
 */

/**
 * @template T
 * @typedef {object} Page
 * @property {T[]} rows
 * @property {number | null} total
 * @property {string | null} next
 */

/** @typedef {{ id: number, name: string, members: number, isBuiltin: boolean }} Group */

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {string | null} created
 * @property {string | null} agent
 * @property {string | null} address
 * @property {boolean} isCurrent
 */

/**
 * @typedef {object} ApiKey
 * @property {number} id
 * @property {string} name
 * @property {string} masked
 * @property {string} groupName
 * @property {string} owner
 * @property {boolean} isActive
 * @property {string | null} expires
 * @property {string | null} lastUsed
 * @property {string | null} secret the whole key, only after it was made
 */

/**
 * @typedef {object} AuditEvent
 * @property {string} id
 * @property {string} at
 * @property {string} action
 * @property {number | null} actor
 * @property {string} via
 * @property {{ type: string, id: number } | null} target
 * @property {string} address
 * @property {string} request
 * @property {string[]} fields
 */

/**
 * @typedef {object} Site
 * @property {string} name
 * @property {boolean} isSetUp
 * @property {boolean | null} sendsEmail `null` if the service does not say
 * @property {Record<string, number>} policy the least number of characters of each kind
 * @property {string} version
 * @property {string} locale
 */

/**
 * @param {unknown} value
 * @returns {Record<string, unknown> | null}
 */
export function object(value) {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? /** @type {Record<string, unknown>} */ (value) : null;
}

/** @param {unknown} value */
export function textOrNull(value) {
  return typeof value === "string" ? value : null;
}

/** @param {unknown} value */
function positive(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
}

/**
 * The readable items of a list.
 *
 * @template T
 * @param {unknown} value
 * @param {(item: unknown) => T | null} read
 * @returns {T[] | null}
 */
export function list(value, read) {
  if (!Array.isArray(value)) return null;
  return value.map(read).filter((item) => item !== null);
}

/**
 * @param {unknown} value
 * @returns {Person | null}
 */
export function person(value) {
  const user = object(value);
  const id = positive(user?.id);
  if (!user || !id) return null;
  const email = textOrNull(user.email) ?? "";
  const memberships = list(user.user_group_memberships, (item) => positive(object(item)?.id));
  const isActive = user.is_active !== false;
  const lastLogin = textOrNull(user.last_login);
  return {
    id,
    email,
    firstName: textOrNull(user.first_name),
    lastName: textOrNull(user.last_name),
    name: textOrNull(user.common_name)?.trim() || email || String(id),
    isAdmin: user.is_superuser === true,
    isActive,
    mustChangePassword: user.must_change_password === true,
    isInvited: user.invited === undefined ? lastLogin === null : user.invited === true,
    lastLogin,
    joined: textOrNull(user.date_joined),
    locale: textOrNull(user.locale),
    hasNoPassword: user.has_password === false,
    invitedUntil: textOrNull(user.invited_until),
    pendingEmail: textOrNull(user.pending_email),
    groups: memberships ?? list(user.group_ids, positive) ?? [],
  };
}

/**
 * @template T
 * @param {unknown} value
 * @param {(item: unknown) => T | null} read
 * @returns {Page<T> | null}
 */
export function page(value, read) {
  const envelope = object(value);
  const rows = list(envelope ? envelope.data : value, read);
  if (!rows) return null;
  const total = envelope?.total;
  return {
    rows,
    total: typeof total === "number" && total >= 0 ? total : null,
    next: textOrNull(envelope?.next_cursor) || null,
  };
}

/**
 * @param {unknown} value
 * @returns {Group | null}
 */
export function group(value) {
  const item = object(value);
  const id = positive(item?.id);
  if (!item || !id) return null;
  const members = typeof item.member_count === "number" ? item.member_count : 0;
  const isBuiltin = typeof item.magic_group_type === "string";
  return { id, name: textOrNull(item.name) ?? String(id), members, isBuiltin };
}

/**
 * @param {unknown} value
 * @returns {Session | null}
 */
export function session(value) {
  const item = object(value);
  const id = textOrNull(item?.id);
  if (!item || !id) return null;
  return {
    id,
    created: textOrNull(item.created_at),
    agent: textOrNull(item.user_agent),
    address: textOrNull(item.ip_address),
    isCurrent: item.is_current === true,
  };
}

/**
 * A sign-in of the login history.
 *
 * @param {unknown} value
 */
export function pastSignIn(value) {
  const item = object(value);
  const at = textOrNull(item?.timestamp);
  if (!item || !at) return null;
  const agent = textOrNull(item.device_description);
  return { at, agent, address: textOrNull(item.ip_address), isActive: item.active === true };
}

/**
 * @param {unknown} value
 * @returns {ApiKey | null}
 */
export function apiKey(value) {
  const item = object(value);
  const id = positive(item?.id);
  if (!item || !id) return null;
  const owner = object(item.owner) ?? object(item.updated_by);
  return {
    id,
    name: textOrNull(item.name) ?? String(id),
    masked: textOrNull(item.masked_key) ?? "",
    groupName: textOrNull(object(item.group)?.name) ?? "",
    owner: textOrNull(owner?.common_name) ?? "",
    isActive: item.is_active !== false,
    expires: textOrNull(item.expires_at),
    lastUsed: textOrNull(item.last_used_at),
    secret: textOrNull(item.unmasked_key),
  };
}

/**
 * @param {unknown} value
 * @returns {AuditEvent | null}
 */
export function auditEvent(value) {
  const item = object(value);
  const [id, at, action] = [item?.id, item?.at, item?.action].map(textOrNull);
  if (!item || !id || !at || !action) return null;
  const [actor, target] = [object(item.actor), object(item.target)];
  const [targetId, type] = [positive(target?.id), textOrNull(target?.type)];
  return {
    id,
    at,
    action,
    actor: positive(actor?.id),
    via: textOrNull(actor?.via) ?? "",
    target: targetId && type ? { type, id: targetId } : null,
    address: textOrNull(item.source_ip) ?? "",
    request: textOrNull(item.request_id) ?? "",
    fields: list(item.fields, textOrNull) ?? [],
  };
}

/**
 * @param {unknown} value
 * @returns {Site | null}
 */
export function site(value) {
  const item = object(value);
  if (!item) return null;
  const sends = item["email-configured?"];
  /** @type {Record<string, number>} */
  const policy = {};
  for (const [kind, least] of Object.entries(object(item["password-complexity"]) ?? {})) {
    if (typeof least === "number" && least > 0) policy[kind] = least;
  }
  return {
    name: textOrNull(item["site-name"]) ?? "",
    isSetUp: item["has-user-setup"] !== false,
    sendsEmail: typeof sends === "boolean" ? sends : null,
    policy,
    version: textOrNull(object(item.version)?.tag) ?? "",
    locale: textOrNull(item["site-locale"]) ?? "",
  };
}

/** Events of the audit log as sentences. */

import { bdi } from "./dom.js";
import { groupName, known } from "./session.js";
import { T } from "./texts.js";

/** @typedef {import("./answers.js").AuditEvent} AuditEvent */

/** `{actor}`, `{target}` and `{fields}` stand for names. */
/** @type {Record<string, string>} */
export const ACTIONS = {
  "create-user": "{actor} created {target}",
  "update-user": "{actor} changed {fields} of {target}",
  "deactivate-user": "{actor} deactivated {target}",
  "reactivate-user": "{actor} reactivated {target}",
  "anonymize-user": "{actor} anonymized {target}",
  "update-password": "{actor} changed the password of {target}",
  "reset-password": "{target} chose a password with a link",
  "forgot-password": "{target} asked for a password link",
  "password-reset-url": "{actor} made a password link for {target}",
  "send-invite": "{actor} invited {target}",
  "dismiss-modal": "{actor} closed a welcome dialog of {target}",
  "create-group": "{actor} created {target}",
  "update-group": "{actor} renamed {target}",
  "delete-group": "{actor} deleted {target}",
  "clear-group": "{actor} removed all members of {target}",
  "create-membership": "{actor} added {target} to {fields}",
  "delete-membership": "{actor} removed {target} from {fields}",
  login: "{target} signed in",
  "failed-login": "A sign-in as {target} failed",
  logout: "{actor} signed out",
  "revoke-session": "{actor} ended a session of {target}",
  "release-rate-limits": "{actor} allowed {target} to sign in again at once",
  "revoke-sessions": "{actor} ended all sessions of {target}",
  "create-api-key": "{actor} created {target}",
  "update-api-key": "{actor} changed {target}",
  "regenerate-api-key": "{actor} replaced {target}",
  "delete-api-key": "{actor} deleted {target}",
  "use-api-key": "{target} was used",
  import: "{actor} imported users",
  setup: "{actor} set up the service",
  "update-setting": "{actor} changed a setting",
  forbidden: "{actor} was refused {fields}",
  "rate-limited": "Sign-ins as {target} must wait",
  "wrong-password": "{actor} gave a wrong current password",
  "invalid-reset-token": "Someone used a dead password link",
  "confirm-email": "{target} confirmed another address",
  "revert-email": "{target} took the old address back",
  "invalid-email-token": "Someone used a dead link for an address",
};

/** @type {Record<string, string>} */
const FIELDS = {
  email: "the address",
  first_name: "first name",
  last_name: "last name",
  locale: "the language",
  is_superuser: "the administrator right",
  must_change_password: "the duty to change the password",
  login_attributes: "attributes",
  password: "the password",
};

/**
 * The name of an event's field. A membership is a field with the ID of the group.
 *
 * @param {string} field
 */
function fieldName(field) {
  const membership = /^user_group_memberships\.(\d+)$/.exec(field);
  if (membership) return T.groupField(groupName(Number(membership[1])));
  return FIELDS[field] ?? field;
}

/** @typedef {Map<number, string>} Names names of people by ID */

/**
 * @param {{ type: string, id: number } | null} target
 * @param {Names} names
 */
function targetName(target, names) {
  if (!target) return T.someone;
  if (target.type === "group") return T.groupField(groupName(target.id));
  if (target.type === "api-key") return T.keyNumber(target.id);
  return names.get(target.id) ?? T.personNumber(target.id);
}

/**
 * @param {AuditEvent} event
 * @param {Names} names
 */
function actorName(event, names) {
  if (event.actor === null) return T.someone;
  if (event.via === "api-key") return T.keyNumber(event.actor);
  if (event.actor === known.me?.id) return T.you;
  return names.get(event.actor) ?? T.personNumber(event.actor);
}

/**
 * The parts of a sentence: text of this page, and names.
 *
 * @param {AuditEvent} event
 * @param {Names} names
 * @returns {{ text: string, isName: boolean }[]}
 */
export function sentenceParts(event, names) {
  const isSelf = event.target?.type === "user" && event.target.id === event.actor;
  const pattern = ACTIONS[event.action] ?? `{actor}: ${event.action} {target}`;
  return pattern.split(/(\{\w+\})/u).filter(Boolean).map((part) => {
    switch (part) {
      case "{actor}":
        return { text: actorName(event, names), isName: true };
      case "{target}":
        return { text: targetName(event.target, names), isName: !isSelf };
      case "{fields}":
        return { text: event.fields.map(fieldName).join(", ") || T.nothing, isName: true };
      default:
        return { text: part, isName: false };
    }
  });
}

/**
 * @param {AuditEvent} event
 * @param {Names} names
 */
export function sentenceText(event, names) {
  return sentenceParts(event, names).map(({ text }) => text).join("");
}

/**
 * @param {AuditEvent} event
 * @param {Names} names
 */
export function sentence(event, names) {
  return sentenceParts(event, names).map(({ text, isName }) => (isName ? bdi(text) : text));
}

/**
 * The IDs of the people in events.
 *
 * @param {AuditEvent[]} events
 */
export function peopleIn(events) {
  const ids = new Set();
  for (const { actor, via, target } of events) {
    if (actor !== null && via !== "api-key") ids.add(actor);
    if (target?.type === "user") ids.add(target.id);
  }
  return /** @type {number[]} */ ([...ids]);
}

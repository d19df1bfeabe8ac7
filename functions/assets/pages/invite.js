/** Inviting a person. */

import { newKey, readable, request } from "./api.js";
import { person } from "./answers.js";
import { linkIn, showLink } from "./actions.js";
import { fill, h, openDialog } from "./dom.js";
import { makeForm } from "./form.js";
import { loadGroups, loadSite, known } from "./session.js";
import { T } from "./texts.js";
import { toast } from "./ui.js";

/** @param {() => void} changed */
export function openInvite(changed) {
  const text = h("p", null, T.inviteText);
  const groups = h("fieldset", { class: "boxes", hidden: true });
  /** @type {Set<number>} */
  const chosen = new Set();
  let [key, sent] = [newKey(), ""];
  const form = makeForm(
    [
      { name: "email", label: T.email, type: "email", autocomplete: "off" },
      { name: "first_name", label: T.firstName, autocomplete: "off", optional: true },
      { name: "last_name", label: T.lastName, autocomplete: "off", optional: true },
    ],
    {
      submit: T.invite,
      extra: [groups],
      run: async (values) => {
        const body = inviteBody(values, [...chosen]);
        if (JSON.stringify(body) !== sent) [key, sent] = [newKey(), JSON.stringify(body)];
        const answer = await request("POST", "/api/user", { body, key });
        const created = readable(answer, person);
        dialog.close();
        changed();
        const link = await invitationLink(created.id, answer.data);
        if (link) {
          showLink(T.inviteTitle, T.inviteLink, link);
        } else {
          toast(T.invitedToast(created.name));
        }
      },
    },
  );
  const dialog = openDialog(
    T.inviteTitle,
    { class: "small", closeText: T.close },
    text,
    form.element,
  );
  form.input("email").focus();
  loadSite().then((site) => {
    if (site.sendsEmail === false) fill(text, T.inviteTextNoMail);
  }, () => {});
  loadGroups().then(() => showBoxes(groups, chosen), () => {});
}

/**
 * @param {HTMLFieldSetElement} place
 * @param {Set<number>} chosen
 */
function showBoxes(place, chosen) {
  const boxes = (known.groups ?? []).filter(({ id }) => id !== 1).map(({ id, name }) => {
    const box = h("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      if (box.checked) {
        chosen.add(id);
      } else {
        chosen.delete(id);
      }
    });
    return h("label", null, box, h("bdi", null, name));
  });
  place.hidden = boxes.length === 0;
  fill(place, h("legend", null, T.groupsOfNew), boxes);
}

/**
 * A person without a password gets an invitation.
 *
 * @param {Record<string, string>} values
 * @param {number[]} groups
 */
export function inviteBody(values, groups) {
  const body = Object.entries(values).map(([field, value]) => [field, value.trim()]);
  const filled = body.filter(([, value]) => value !== "");
  // The source says that names and password may be missing.
  return { ...Object.fromEntries(filled), source: "admin", group_ids: groups };
}

/**
 * The link of an invitation that no email carries. The answer has it, or the service makes one.
 *
 * @param {number} id
 * @param {unknown} data
 */
async function invitationLink(id, data) {
  const inAnswer = linkIn(data);
  if (inAnswer || known.site?.sendsEmail !== false) return inAnswer;
  const made = await request("POST", `/api/user/${id}/send_invite`);
  return linkIn(made.data);
}

/** `/admin/groups`: groups and their members. */

import { asRefusal, get, readable, request } from "./api.js";
import { addToGroup, removeFromGroup } from "./actions.js";
import { group, page, person } from "./answers.js";
import { button, fill, h, link, openDialog } from "./dom.js";
import { PAGE } from "./directory.js";
import { makeForm } from "./form.js";
import { personFinder } from "./finder.js";
import { navigate, query } from "./router.js";
import { forgetGroups, loadGroups, loadMe, loadSite } from "./session.js";
import { mount, notFoundPage } from "./shell.js";
import { T } from "./texts.js";
import { banner, confirmDialog, skeleton, toast } from "./ui.js";

/** @typedef {import("./answers.js").Group} Group */

/** `/admin/groups` */
export async function groupsPage() {
  const place = h("div", null, skeleton());
  const create = button(T.newGroup, () => openNewGroup(), { class: "primary" });
  mount({ title: T.groups, section: "groups", actions: [create] }, place);
  try {
    const [groups] = await Promise.all([loadGroups(), loadMe()]);
    const rows = groups.map((one) =>
      h(
        "tr",
        null,
        h("th", { scope: "row" }, link(`/admin/groups/${one.id}`, h("bdi", null, one.name)),
          one.isBuiltin ? h("span", { class: "badge" }, T.builtin) : null),
        h("td", null, T.members(one.members)),
      ),
    );
    const heads = [T.groupName, T.membersColumn].map((text) => h("th", { scope: "col" }, text));
    fill(
      place,
      h(
        "table",
        { class: "plain" },
        h("caption", { class: "away" }, T.groups),
        h("thead", null, h("tr", null, heads)),
        h("tbody", null, rows),
      ),
    );
    await loadSite().catch(() => null);
  } catch (error) {
    fill(place, banner(asRefusal(error), groupsPage));
  }
}

function openNewGroup() {
  nameDialog(T.newGroup, T.create, "", async (name) => {
    const answer = await request("POST", "/api/permissions/group", { body: { name } });
    const created = readable(answer, group);
    forgetGroups();
    navigate(`/admin/groups/${created.id}`);
    toast(T.groupCreated(created.name));
  });
}

/**
 * @param {string} title
 * @param {string} submit
 * @param {string} value
 * @param {(name: string) => Promise<unknown>} save
 */
export function nameDialog(title, submit, value, save) {
  const form = makeForm([{ name: "name", label: title, value, autocomplete: "off" }], {
    submit,
    run: async ({ name }) => {
      await save(name.trim());
      dialog.close();
    },
  });
  const dialog = openDialog(title, { class: "small", closeText: T.close }, form.element);
  form.input("name").focus();
}

/**
 * `/admin/groups/{id}`: the members by pages, so a large group costs no more than a small one.
 *
 * @param {number} id
 */
export async function groupPage(id) {
  const place = h("div", null, skeleton());
  mount({ title: T.groups, section: "groups" }, place);
  try {
    const [groups, members] = await Promise.all([loadGroups(), readMembers(id, "")]);
    const one = groups.find((each) => each.id === id);
    if (!one) return notFoundPage();
    showGroup(one, members);
    await loadMe();
    await loadSite().catch(() => null);
  } catch (error) {
    fill(place, banner(asRefusal(error), () => groupPage(id)));
  }
}

/**
 * @param {number} id
 * @param {string} cursor
 */
function readMembers(id, cursor) {
  const path = `/api/user${query({ group_id: id, limit: PAGE })}&cursor=`;
  return get(path + encodeURIComponent(cursor), (data) => page(data, person));
}

/**
 * @param {Group} one
 * @param {import("./directory.js").People} members
 */
function showGroup(one, members) {
  const reload = () => {
    forgetGroups();
    groupPage(one.id);
  };
  const path = `/api/permissions/group/${one.id}`;
  const rename = () =>
    nameDialog(T.groupName, T.rename, one.name, async (name) => {
      await request("PUT", path, { body: { name } });
      reload();
      toast(T.renamed, async () => {
        await request("PUT", path, { body: { name: one.name } });
        reload();
      });
    });
  const clear = () =>
    confirmDialog(
      {
        title: T.clearGroupTitle(one.name),
        text: T.clearGroupText(one.members),
        action: T.clearGroup,
      },
      async () => {
        await request("PUT", `/api/permissions/membership/${one.id}/clear`);
        reload();
        toast(T.cleared);
      },
    );
  const remove = () =>
    confirmDialog(
      {
        title: T.deleteGroupTitle(one.name),
        text: T.deleteGroupText(one.members),
        action: T.deleteGroup,
      },
      async () => {
        await request("DELETE", path);
        forgetGroups();
        navigate("/admin/groups");
        toast(T.groupDeleted);
      },
    );
  const actions = one.isBuiltin
    ? []
    : [
        button(T.rename, rename),
        button(T.clearGroup, clear, { class: "danger" }),
        button(T.deleteGroup, remove, { class: "danger" }),
      ];
  const items = h("ul", { class: "rows" });
  const end = h("div", { class: "end-of-list" });
  const isAll = one.id === 1;
  const finder = isAll
    ? null
    : personFinder(T.addMember, T.addMemberHint, (found) => addToGroup(found, one.id, reload));
  mount(
    { title: one.name, section: "groups", actions },
    h("p", { class: "quiet-text", role: "status" }, T.members(one.members)),
    finder,
    items,
    end,
  );
  addMembers(members);

  /** @param {import("./directory.js").People} found */
  function addMembers(found) {
    for (const each of found.rows) items.append(memberItem(one, each, reload));
    if (items.childElementCount === 0 && !found.next) fill(end, T.noMembers);
    else fill(end, found.next ? button(T.more, () => more(found.next ?? "")) : null);
  }

  /** @param {string} cursor */
  async function more(cursor) {
    const before = items.childElementCount;
    try {
      addMembers(await readMembers(one.id, cursor));
      const added = items.children[before];
      if (added) added.querySelector("a")?.focus();
    } catch (error) {
      toast(asRefusal(error).message);
    }
  }
}

/**
 * @param {Group} one
 * @param {import("./answers.js").Person} member
 * @param {() => void} reload
 */
function memberItem(one, member, reload) {
  const act = () =>
    removeFromGroup(member, one.id, reload).catch((error) => toast(asRefusal(error).message));
  const remove = one.id === 1
    ? null
    : button(T.remove, act, { "aria-label": `${T.remove}: ${member.name}` });
  return h(
    "li",
    null,
    link(`/admin/people/${member.id}`, h("bdi", null, member.name)),
    h("span", { class: "quiet-text" }, " ", h("bdi", null, member.email)),
    remove,
  );
}

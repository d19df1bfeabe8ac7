/** The start: finds the page of the address. */

import { accountPage, hasAccountPage } from "./account.js";
import { asRefusal } from "./api.js";
import { auditPage } from "./audit.js";
import { emailLinkPage, forgotPage, signInPage } from "./auth.js";
import { groupPage, groupsPage } from "./groups.js";
import { setPageKeys, startKeyboard } from "./keyboard.js";
import { keysPage } from "./keys.js";
import { openPalette } from "./palette.js";
import { resetPage } from "./password.js";
import { peoplePage } from "./people.js";
import { navigate, onNavigate, parts, rewrite } from "./router.js";
import { goHome, known, loadMe, onKnown } from "./session.js";
import { importPage, settingsPage } from "./settings.js";
import { setupPage } from "./setup.js";
import { mount, notFoundPage, startShell } from "./shell.js";
import { banner } from "./ui.js";
import { T } from "./texts.js";

/** The secret of a link. It leaves the address at once, before anything is requested. */
let secret = "";

/** Takes a secret out of the address. The fragment of a setup link has its own. */
function takeSecret() {
  const [first, action, token] = parts(location.pathname);
  if (first === "auth" && token && TOKEN_PAGES.includes(action)) {
    secret = token;
    rewrite(`/auth/${action}${location.hash === "#new" ? "#new" : ""}`);
  } else if (first === "setup" && (location.hash || location.search)) {
    const fragment = location.hash.slice(1);
    const given = new URLSearchParams(location.search).get("token");
    secret = new URLSearchParams(fragment).get("token") ?? given ?? fragment;
    rewrite("/setup");
  }
}

const TOKEN_PAGES = ["reset_password", "confirm_email", "revert_email"];

/** @type {ReturnType<typeof peoplePage> | null} */
let people = null;

/** Shows the page of the address. */
function showPage() {
  takeSecret();
  const [area = "", name = "", id = ""] = parts(location.pathname);
  const isPeople = area === "admin" && name === "people" && id !== "groups";
  if (isPeople && people) return people.update();
  closeDialogs();
  people = null;
  setPageKeys({});
  if (area === "") return startPage();
  if (area === "auth") return showAuth(name);
  if (area === "setup") return setupPage(secret);
  if (area === "account") return showAccount(name);
  if (area === "admin" && known.me && !known.me.isAdmin) return leaveAdmin();
  if (area === "admin") return showForAdmin(name, id);
  return notFoundPage();
}

/**
 * Shows a page for administrators. A page whose requests are refused does not know the reader yet.
 *
 * @param {string} name
 * @param {string} id
 */
async function showForAdmin(name, id) {
  await showAdmin(name, id, parts(location.pathname)[3] ?? "");
  await loadMe().catch(() => null);
}

function closeDialogs() {
  people?.leave();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
}

/** An ordinary person has no pages for administrators. */
function leaveAdmin() {
  const isAdmin = known.me?.isAdmin ?? true;
  if (isAdmin || !location.pathname.startsWith("/admin")) return;
  navigate("/account/profile", { replace: true });
}

/** `/` goes where the session belongs. */
async function startPage() {
  try {
    goHome(await loadMe());
  } catch (error) {
    if (location.pathname !== "/") return;
    mount({ title: T.product, isNarrow: true }, banner(asRefusal(error), startPage));
  }
}

/** @param {string} name */
function showAuth(name) {
  switch (name) {
    case "":
    case "login":
      return signInPage();
    case "forgot_password":
      return forgotPage();
    case "reset_password":
      return resetPage(secret, location.hash === "#new");
    case "confirm_email":
      return emailLinkPage("confirm-email", secret);
    case "revert_email":
      return emailLinkPage("revert-email", secret);
    default:
      return notFoundPage();
  }
}

/** @param {string} name */
function showAccount(name) {
  if (name === "") return navigate("/account/profile", { replace: true });
  if (!hasAccountPage(name)) return notFoundPage();
  return accountPage(name);
}

/**
 * @param {string} name
 * @param {string} id
 * @param {string} more
 */
function showAdmin(name, id, more) {
  const number = /^\d{1,15}$/.test(id) ? Number(id) : 0;
  switch (name) {
    case "":
      return navigate("/admin/people", { replace: true });
    case "people":
      // The addresses of Metabase.
      if (id === "groups") return navigate(`/admin/groups/${more}`, { replace: true });
      people = peoplePage();
      return;
    case "groups":
      if (id === "") return groupsPage();
      return number > 0 ? groupPage(number) : notFoundPage();
    case "keys":
      return keysPage();
    case "audit":
      return auditPage();
    case "settings":
      // The address of Metabase.
      if (id === "authentication") return navigate("/admin/keys", { replace: true });
      return settingsPage();
    case "import":
      return importPage();
    default:
      return notFoundPage();
  }
}

startShell();
onKnown(leaveAdmin);
startKeyboard(openPalette);
onNavigate(showPage);
showPage();

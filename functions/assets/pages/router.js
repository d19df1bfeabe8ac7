/** Addresses of the pages, and moving between them without loading anew. */

/** @type {() => void} */
let render = () => {};

/** The address that is shown, without its fragment. */
let last = "";

const here = () => location.pathname + location.search;

/** @param {() => void} show */
export function onNavigate(show) {
  render = show;
  last = here();
  addEventListener("popstate", () => {
    // A fragment is a place on the same page, for example of the link to the content.
    if (here() === last) return;
    last = here();
    render();
  });
  addEventListener("click", follow);
}

/**
 * Follows a link to another page within the pages.
 *
 * @param {MouseEvent} event
 */
function follow(event) {
  const anchor = event.target instanceof Element ? event.target.closest("a") : null;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (!anchor || event.defaultPrevented || !isPlain || anchor.download || anchor.target) return;
  const url = new URL(anchor.href);
  const isPage = url.origin === location.origin && !/^\/(api|assets)\//.test(url.pathname);
  if (!isPage || anchor.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  navigate(url.pathname + url.search);
}

/**
 * @param {string} path
 * @param {{ replace?: boolean }} [options]
 */
export function navigate(path, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, "", path);
  } else {
    history.pushState(null, "", path);
  }
  last = here();
  render();
}

/**
 * Changes the address only.
 *
 * @param {string} path
 */
export function rewrite(path) {
  history.replaceState(null, "", path);
  last = here();
}

/**
 * An address of this origin from a query, or the root. Other origins, and addresses that a browser
 * would take for another origin, are no destination after a sign-in.
 *
 * @param {string | null} target
 * @param {string} [origin]
 */
export function ownPath(target, origin = location.origin) {
  if (!target || !target.startsWith("/") || /[\\\s\p{Cc}]/u.test(target)) return "/";
  try {
    const url = new URL(target, origin);
    if (url.origin !== origin || url.pathname.startsWith("//")) return "/";
    return url.pathname.startsWith("/auth/") ? "/" : url.pathname + url.search + url.hash;
  } catch {
    return "/";
  }
}

/** The address of the sign-in page that leads back to the present one. */
export function signInPath() {
  const back = here();
  return back === "/" ? "/auth/login" : `/auth/login?redirect=${encodeURIComponent(back)}`;
}

/**
 * A query without empty values.
 *
 * @param {Record<string, string | number | null | undefined>} values
 */
export function query(values) {
  const filled = Object.entries(values).filter(([, value]) => value !== "" && value != null);
  const text = new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

/**
 * The decoded parts of a path.
 *
 * @param {string} path
 */
export function parts(path) {
  return path.split("/").filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

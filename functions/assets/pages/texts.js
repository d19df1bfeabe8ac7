/** All texts for readers, in one place so that they can be translated. */

import { plural } from "./format.js";
import { ADMIN_TEXTS } from "./texts-admin.js";

/** @type {Record<string, string>} */
const KIND_NAMES = {
  total: "character",
  lower: "lower-case letter",
  upper: "upper-case letter",
  digit: "digit",
  special: "special character",
};

export const T = {
  // Everywhere
  product: "Users",
  skip: "Skip to content",
  sections: "Sections",
  search: "Search",
  help: "Help and keys",
  helpText: "These keys work on the pages for administrators.",
  singleKeys: "Single keys, without Ctrl or Cmd",
  apiReference: "Description of the API",
  close: "Close",
  cancel: "Cancel",
  undo: "Undo",
  undone: "Undone.",
  tryAgain: "Try again",
  copy: "Copy",
  copied: "Copied.",
  notCopied: "The browser did not allow it. Select the text and copy it.",
  save: "Save",
  saved: "Saved.",
  optional: "(optional)",
  show: "Show",
  showField: (/** @type {string} */ label) => `Show ${label.toLowerCase()}`,
  fillIn: "Fill this in.",
  home: "Go to the start page",
  noPage: "No such page",
  noPageText: "There is no page at this address.",
  typeToConfirm: "Type it to confirm:",
  typedOther: "That is not the same. Check what you typed.",
  waitSeconds: (/** @type {string} */ text, /** @type {number} */ seconds) =>
    `${text} in ${seconds} s`,
  never: "never",
  now: "just now",
  more: "More",
  stop: "Stop",
  remove: "Remove",

  // Refusals
  offline: "The service cannot be reached. Check the connection and try again.",
  oddAnswer: "The service sent an answer that this page does not understand. Try again.",
  oddStatus: (/** @type {number} */ status) =>
    `The service answered with the status ${status} and no explanation. Try again.`,
  ownError: "This page has a mistake. Load it again.",
  signedOut: "You are signed out. Sign in to go on.",

  // Signing in
  signIn: "Sign in",
  signOut: "Sign out",
  email: "Email address",
  password: "Password",
  remember: "Keep me signed in on this device",
  forgot: "Forgot your password?",
  forgotTitle: "Forgot your password?",
  forgotText: "Enter your email address. You get a link to choose another password.",
  sendLink: "Send the link",
  linkSent:
    "If there is an account with this address, an email with a link is on its way. The link " +
    "works for two days.",
  noMail: "This service sends no email. Ask an administrator for a link to choose a password.",
  backToSignIn: "Back to sign in",
  noMatch: "That address and password do not match.",
  notSetUp: "This service is not set up yet. Open the link that it printed at its start.",
  sessionEnded: "Sign in again",
  sessionEndedText: "Your session has ended. What you typed is still here.",
  emailLinks: {
    "confirm-email": {
      title: "Confirm your address",
      text: "Use this address for signing in and for emails from now on.",
      action: "Confirm the address",
      done: "The address is confirmed.",
    },
    "revert-email": {
      title: "Keep your old address",
      text: "If you did not change your address, take it back. All sessions end.",
      action: "Take the old address back",
      done: "Your old address is back. All sessions have ended. Choose another password now.",
    },
  },

  // Passwords
  chooseTitle: "Choose a password",
  newPassword: "New password",
  currentPassword: "Current password",
  savePassword: "Save the password",
  passwordSaved: "The password is saved. Your other sessions have ended.",
  passwordEnds: "Another password ends all your other sessions.",
  mustChangeText: "An administrator asks you to choose another password first.",
  policy: "The password needs:",
  rule: (/** @type {string} */ kind, /** @type {number} */ least) =>
    `at least ${plural(least, KIND_NAMES[kind] ?? kind, `${KIND_NAMES[kind] ?? kind}s`)}`,
  ruleKept: ", done",
  ruleCommon: "not to be a common password",
  goodPassword: "This password is fine.",
  deadLink: "This link was used, replaced, or is older than two days.",
  openLinkAgain: "Open the link in your email again. For safety, this page does not keep it.",
  another: "Ask for another",
  start: "Start",
  welcome: "Welcome",
  welcomeText: (/** @type {string} */ site) =>
    `You are invited to ${site}. Choose a password to start.`,
  welcomeName: (/** @type {string} */ name) => `Welcome, ${name}`,
  welcomeProfile: "Is this right? You can change it later, too.",
  goOn: "Go on",
  notNow: "Not now",

  // First use
  setupTitle: "Set up the service",
  setupText: "This creates the first administrator.",
  setupToken: "Setup token",
  setupTokenHint: "The service printed it at its start.",
  siteName: "Name of the site",
  setUp: "Set up",
  isSetUp: "This service is set up already. Sign in.",

  // Own account
  account: "Your account",
  profile: "Profile",
  sessions: "Sessions",
  firstName: "First name",
  lastName: "Last name",
  language: "Language",
  siteLanguage: "As the site",
  address: "Address",
  addressHint: "You sign in with it.",
  changeAddress: "Change the address",
  pending: (/** @type {string} */ email) =>
    `We sent an email to ${email}. Open the link in it to use this address.`,
  whereSignedIn: "Where you are signed in",
  thisSession: "this one",
  end: "End",
  endOthers: "End all others",
  endSessionOf: (/** @type {string} */ device) => `End the session of ${device}`,
  sessionEndedToast: "The session has ended.",
  othersEnded: (/** @type {number} */ number) => `${plural(number, "session", "sessions")} ended.`,
  noOthers: "You are not signed in anywhere else.",
  recent: "Recent activity",
  nothingRecent: "Nothing yet.",
  signedInAt: "Signed in",
  unknownDevice: "Unknown program",
  deviceOn: (/** @type {string} */ browser, /** @type {string} */ system) =>
    `${browser} on ${system}`,
  since: (/** @type {string} */ time) => `signed in ${time}`,

  ...ADMIN_TEXTS,
};

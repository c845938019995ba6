// The page of the dashboard: one module without a build step and without other people's code.
// Everything that is shown is put in as text, never as HTML.
//
// In this order: strings · start and frame · views · sending · widgets · parts of views · events · requests · storage · DOM.

// ---------------------------------------------------------------------------------------------------------------------
// Strings
// ---------------------------------------------------------------------------------------------------------------------

const count = (n, one, many) => `${number(n)} ${Number(n) === 1 ? one : many}`;

const T = {
  brand: 'Texts and calls',
  menu: 'Menu',
  newTab: '(opens in a new tab)',
  user: (user) => `Signed in as ${user}`,
  zone: (zone) => `Times are in your time zone, ${zone}, with UTC in brackets.`,
  zoneUtc: 'Times are in UTC.',
  loading: 'Loading…',
  retry: 'Try again',
  loadMore: 'Load more',
  loaded: (n) => `${count(n, 'more entry', 'more entries')} loaded.`,
  cancel: 'Cancel',
  close: 'Close',
  save: 'Save',
  delete: 'Delete',
  edit: 'Edit',
  search: 'Search',
  showAll: 'Show all',
  optional: '(optional)',
  required: (label) => `${label} is missing: enter it.`,
  badNumber: 'Write the number with its country code, such as +14155551234.',
  yes: 'Yes',
  no: 'No',

  views: {
    send: ['Send', 'Text or call one person. Nothing leaves before you confirm it.'],
    conversations: ['Conversations', 'What people wrote, and what you answered.'],
    messages: ['Messages', 'Every text and call, and what became of it.'],
    campaigns: ['Campaigns', 'One text to many people, from a list.'],
    templates: ['Templates', 'Texts with places such as {{name}} for campaigns.'],
    consent: ['Consent', 'Who may be texted. STOP and START are recorded by themselves.'],
    unsettled: ['Unsettled', 'Messages of which nobody knows for certain whether they were sent. Decide them here.'],
    audit: ['Audit log', 'Who changed what, and when.'],
    credentials: ['Credentials', 'The account at the provider that sends for you.'],
  },
  ownMessages: 'You see the messages that you sent yourself.',
  needsRole: (roles) => `You may not use this. It needs the role ${roles}: ask whoever manages your dashboard.`,
  noRole: 'You have no role here',
  noRoleMore: 'Ask whoever manages your dashboard for the role view, send or manage.',
  nothingHere: 'There is no such page',

  signedOut: 'You are signed out',
  signedOutMore: 'Sign in again, then come back to this page. What was shown here was removed from the screen.',
  signedOutAgain: 'I have signed in',
  offline: 'You are offline. What you see may be old, and nothing can be sent now.',
  noAnswer: 'The server does not answer. What you see may be old.',
  online: 'You are online again.',
  failedLoad: 'This could not be loaded',
  unexpected: (status) => `The server answered with ${status}.`,
  noConnection: 'The server does not answer.',
  rateLimited: (seconds) => `Too many requests: try again in ${count(seconds, 'second', 'seconds')}.`,

  live: { open: 'Live', waiting: 'Reconnecting…', off: 'No live updates', full: 'Too many pages are open' },
  liveMore: {
    open: 'What happens is shown at once.',
    waiting: 'The connection was lost. It is opened again by itself.',
    off: 'This page asks the server from time to time.',
    full: 'You have too many of these pages open, so this one asks the server from time to time: close one.',
  },

  trial: 'Trial account',
  trialMore: 'A trial account sends only to numbers that you have verified at the provider, puts a sentence of its own before each '
    + 'text, and has a small credit. Upgrade the account in the provider’s console to text everybody.',
  notConnected: 'No account is connected yet',
  notConnectedMore: 'Texts and calls can be sent after the credentials of your account are saved.',
  notConnectedAsk: 'Ask somebody with the role manage to save them.',
  toCredentials: 'Enter the credentials',

  // Sending
  from: 'From',
  fromDefault: (n) => (n ? `Usual number (${n})` : 'Usual number'),
  purpose: 'Kind of text',
  purposes: { '': 'Expected: a code, receipt, reminder', marketing: 'Advertising' },
  say: 'Text to say',
  segments: (n) => count(n, 'segment', 'segments'),
  characters: (n) => count(n, 'character', 'characters'),
  encodings: { gsm7: 'plain characters (GSM-7)', ucs2: 'all characters (UCS-2, 70 a segment)' },
  forces: (c, index) => [c, ` at place ${number(index + 1)} makes every segment shorter.`],
  instead: (c, saves) => (c ? ` Write “${c}” instead${saves > 0 ? ` and save ${count(saves, 'segment', 'segments')}` : ''}.` : ''),
  cost: (money) => `about ${money}`,
  unpriced: 'no price known',
  willWait: 'It will wait until ',
  willBlock: 'It will be refused: ',
  previewFailed: 'Segments and cost are not known now.',
  confirmSms: 'Send this text?',
  confirmCall: 'Make this call?',
  confirmTo: 'To',
  confirmFrom: 'From',
  confirmBody: 'Text',
  confirmSay: 'It says',
  confirmSize: 'Size',
  confirmCost: 'Cost',
  sendNow: 'Send now',
  callNow: 'Call now',
  callButton: 'Call',
  back: 'Back',
  twice: 'Exactly this was sent a few seconds ago. It is not sent a second time: you will see what became of it.',
  underWay: 'Exactly this was sent before, and it is not known yet what became of it. It is not sent a second time: this only checks it.',
  check: 'Check',
  checking: 'Checking…',
  sendingNow: 'Sending…',
  recent: 'Sent from this page',
  recentNone: 'What you send appears here, with its delivery.',
  steps: {
    text: [['queued', 'Queued'], ['sent', 'Sent'], ['delivered', 'Delivered']],
    call: [['queued', 'Placed'], ['ringing', 'Ringing'], ['in-progress', 'Answered'], ['completed', 'Ended']],
  },
  itemTo: { text: 'Text to', call: 'Call to' },
  interrupted: 'The page was left while this was being sent',
  interruptedMore: 'Nobody knows yet whether it went out. Check it: the same text is never sent twice by checking.',
  unknown: 'It is not known whether it was sent',
  unknownMore: 'The answer was lost. It may have been sent, so do not send it again. Check it: checking never sends it a second time.',
  unknownNoOutbox: 'The answer was lost. It may have been sent, so do not send it again. Look in the provider’s console.',
  stillUnknown: 'It is still not known. It is being looked up at the provider: check again in a minute.',
  stillUnknownPark: 'A person must decide it: it stands under “Unsettled”, for whoever has the role manage.',
  waits: 'It waits to be sent.',
  waitsUntil: 'It waits, and is sent at ',
  refused: 'It was not sent',
  refusedLater: 'It was not sent now',
  undeliveredTitle: 'It did not arrive',
  warning: 'Sent, with a warning: ',
  conflict: 'Something else was sent under the same key. Nothing was sent now: press Send again.',
  details: 'Details',
  autoFilled: (name) => `Filled in because of ${name}. Nothing was sent: read it, then press Send.`,
  autoFillKept: (name) => `${name} suggests another text. What you typed was kept.`,
  autoFillMissing: (fields) => `The event does not say: ${fields}.`,
  autoFillUse: 'Use the suggestion',
  autoFillUndo: 'Undo',
  dismiss: 'Dismiss',

  // Credentials
  connected: 'Connected',
  saving: 'Saving and testing…',
  savedFailed: 'The provider does not accept these credentials',
  connectedAs: 'Account',
  accountType: 'Type',
  accountEnd: (end) => `Account ID ends with ${end}`,
  changeCredentials: 'Change the credentials',
  numberTitle: 'Number',
  numberHelp: 'Texts and calls come from this number, where no other is chosen.',
  numberNone: 'The account has no number. Buy one in the provider’s console.',
  numberChoose: 'Choose a number',
  numberSaved: 'The number is saved.',
  testTitle: 'Test text',
  testHelp: 'Sends one text to your own phone.',
  testTo: 'Your own phone number',
  testButton: 'Send a test text',
  testBody: 'This is a test text from your dashboard. Texts work.',
  testAgain: 'Test the connection',
  disconnect: 'Disconnect',
  disconnectAsk: 'Disconnect the account?',
  disconnectMore: 'The saved credentials are deleted. Nothing can be sent until others are saved.',
  hooksTitle: 'Webhooks',
  hooksHelp: 'Enter these addresses at the provider, so that replies and delivery reports arrive here.',
  hooks: {
    sms: 'Incoming texts', voice: 'Incoming calls', smsStatus: 'Status of texts', voiceStatus: 'Status of calls',
    recording: 'Recordings', transcription: 'Transcriptions',
  },
  wrongToken: 'Copy the Auth Token again from the start page of the provider’s console, and check that it belongs to this Account SID.',
  wrongSid: 'Check the Account SID: it starts with AC and has 34 characters.',

  // Conversations
  person: 'Phone number',
  noConversations: ['No conversations yet', 'When somebody texts you, it appears here.'],
  noneFound: ['Nothing found', 'There is nothing with this number.'],
  choose: 'Choose a conversation.',
  unread: (n) => `${number(n)} new`,
  you: 'You',
  they: 'They',
  optedOut: 'Opted out',
  optedOutMore: 'This person has opted out (STOP). You cannot text them until they write START.',
  replyNeedsSend: 'You may read, but not answer. It needs the role send: ask whoever manages your dashboard.',
  reply: 'Reply',
  replyLabel: 'Your reply',
  earlier: 'Earlier texts',
  allConversations: 'All conversations',
  newText: (n) => `New text from ${n}.`,
  media: (i) => `Picture ${i}`,
  mediaDownload: (type) => `Download the attachment (${type})`,
  noText: '(no text)',
  thread: (person) => `Conversation with ${person}`,

  // Messages
  state: 'State',
  anyState: 'Any',
  states: {
    ready: 'Waiting', sending: 'Being sent', unknown: 'Unknown', parked: 'Needs a decision', accepted: 'Accepted', rejected: 'Refused by the provider',
    blocked: 'Refused by a rule', expired: 'Expired', cancelled: 'Cancelled', abandoned: 'Given up',
  },
  statuses: {
    accepted: 'Accepted', scheduled: 'Scheduled', queued: 'Queued', sending: 'Sending', sent: 'Sent', delivered: 'Delivered', undelivered: 'Not delivered',
    failed: 'Failed', read: 'Read', received: 'Received', receiving: 'Receiving', initiated: 'Placed', ringing: 'Ringing', 'in-progress': 'Answered',
    completed: 'Ended', busy: 'Busy', 'no-answer': 'No answer', canceled: 'Cancelled',
  },
  noMessages: ['No messages yet', 'What is sent appears here.'],
  noMessagesFilter: ['No messages in this state', 'Choose another state.'],
  noMessagesLoaded: ['Nothing found so far', 'Older messages were not searched yet.'],
  allMessages: 'All messages',
  message: 'Message',
  facts: {
    to: 'To', from: 'From', kind: 'Kind', state: 'State', status: 'At the provider', body: 'Text', segments: 'Segments', attempts: 'Attempts',
    user: 'Sent by', campaign: 'Campaign', enqueuedAt: 'Entered', dueAt: 'Due', at: 'Last change', endedAt: 'Ended', expiresAt: 'Expires', sid: 'Provider’s ID', price: 'Price',
  },
  kinds: { text: 'Text', call: 'Call' },
  whatToDo: 'What to do: ',
  inConsole: 'In the provider’s console: ',
  actions: {
    retry: 'Wait a little, then try again.',
    reconnect: 'Enter the credentials again, or ask somebody with the role manage to do it.',
    'fix-request': 'Change the number or the text. The same again fails the same way.',
    'check-outcome': 'Check what became of it before you do anything else.',
    'contact-support': 'Change something in the provider’s account, or ask its support.',
  },
  moreInfo: (code) => (code ? `About error ${code}` : 'About this error'),
  cancelMessage: 'Do not send it',
  cancelAsk: 'Take this message back?',
  cancelMore: 'It has not been sent yet.',
  cancelled: 'It will not be sent.',
  notCancelled: 'It was too late: it is being sent, or was sent already.',
  cancelRequested: 'Somebody asked not to send it.',

  // Unsettled
  noUnsettled: ['Nothing to settle', 'Of every message it is known what became of it.'],
  isUnknown: 'Its answer was lost. It is being looked up at the provider, and most of these settle by themselves within minutes. Wait before you decide.',
  parkReasons: {
    unreadable: 'Its stored request cannot be read.',
    panicked: 'The program failed while it handled the message.',
    several: 'The provider has several messages that may be this one.',
    opaque: 'The provider has one message that may be this one, but its text cannot be compared.',
    undecided: 'The provider has a message with this text, but it may not be this one.',
    absent: 'The provider does not have it. It was most likely not sent.',
    unlisted: 'The provider does not list what was sent.',
    unproven: 'For a day, no list could prove that the provider does not have it.',
  },
  parkOther: 'It could not be settled by itself.',
  settle: 'Settle',
  settleTitle: 'What became of it?',
  settleAs: {
    'was-sent': ['It was sent', 'Look in the provider’s log for its number and text. If you found it, give its ID, and its delivery is followed. It is not sent again.'],
    'was-not-sent': ['It was not sent', 'Choose this only if the provider’s log surely does not have it. It is sent again; if you are wrong, the person gets it twice.'],
    'give-up': ['Give up', 'Nobody will find out. It is not sent again, and it counts as neither sent nor refused.'],
  },
  settleSid: 'The provider’s ID of the message',
  candidates: 'It may be one of these: ',
  settleChoose: 'Choose one of the three.',
  settled: 'Settled.',

  // Campaigns
  noCampaigns: ['No campaigns yet', 'Create one, upload a list, and see what it would send before anything is sent.'],
  newCampaign: 'New campaign',
  create: 'Create',
  name: 'Name',
  campaignBody: 'Text',
  campaignBodyHelp: 'Write {{name}} where a column of the list goes.',
  textFrom: 'Where the text comes from',
  writeHere: 'Write it here',
  storedTemplate: (name) => `Template: ${name}`,
  kind: 'Kind',
  moreSettings: 'More settings',
  numberColumn: 'Column with the phone numbers',
  numberColumnHelp: 'Empty: the column is found by its name, such as phone or number.',
  keyColumn: 'Column that identifies a row',
  keyColumnHelp: 'Rows with the same entry are one message. Empty: the phone number.',
  zoneColumn: 'Column with the time zones',
  country: 'Country of numbers without a country code',
  countryHelp: 'Two letters, such as US.',
  dueAt: 'Not before',
  expiresAt: 'Not after',
  timeHelp: (zone) => `In your time zone, ${zone}.`,
  maxSegments: 'Most segments a text may have',
  statusOf: {
    draft: 'Draft', importing: 'Reading the list', interrupted: 'Interrupted', sending: 'Sending', paused: 'Paused', settling: 'Settling', finished: 'Finished', stopped: 'Stopped',
  },
  statusMore: {
    draft: 'Nothing is sent before you start it.',
    importing: 'The list is being read. Messages that were read are sent already.',
    interrupted: 'The list could not be read to its end. Start it again: nobody gets a second message.',
    sending: 'Messages are being sent.',
    paused: 'Nothing is sent until you resume it.',
    settling: 'No message waits any more. Of some it is not known yet whether they were sent.',
    finished: 'All messages were sent or refused.',
    stopped: 'Somebody stopped it. What had not been sent is not sent any more.',
  },
  allCampaigns: 'All campaigns',
  step1: '1. Upload the list',
  step1Help: 'A CSV file whose first line names the columns, or NDJSON; at most 32 MiB.',
  file: 'File',
  upload: 'Upload',
  uploading: 'Uploading…',
  uploaded: (size, format) => `A list is uploaded: ${format.toUpperCase()}, ${size}.`,
  fileMissing: 'Choose a file first.',
  fileTooLarge: 'The file is larger than 32 MiB: split it into several campaigns.',
  step2: '2. Look at the plan',
  step2Help: 'Reads the whole list and counts, but sends nothing.',
  plan: 'Make the plan',
  planning: 'Reading the list…',
  planCounts: { rows: 'Rows', messages: 'Messages', duplicates: 'Duplicates', rejected: 'Rejected rows', segments: 'Segments', ucs2: 'Texts in UCS-2' },
  planEstimate: 'Estimate',
  planRejected: 'Rejected rows',
  planRejectedFirst: (n) => `The first ${number(n)} of them.`,
  planLine: 'Line',
  planReason: 'Reason',
  planBySegments: 'Messages by number of segments',
  planLongest: (l) => `The longest text is that of line ${l.line}: ${count(l.segments, 'segment', 'segments')}, ${count(l.characters, 'character', 'characters')}.`,
  planUcs2: (line) => `The first text that needs UCS-2 is that of line ${line}, because of `,
  planWarnings: 'Warnings',
  planWarning: (rule, n) => `${rule}: ${count(n, 'message', 'messages')}`,
  step3: '3. Start',
  start: 'Start',
  startNeeds: 'Upload a list first.',
  startAsk: 'Start this campaign?',
  startMore: (n) => (n === null ? 'Texts are sent to everybody on the list.' : `${count(n, 'message is', 'messages are')} sent. What was sent cannot be taken back.`),
  startNow: 'Start now',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  stopAsk: 'Stop this campaign?',
  stopMore: 'What has not been sent yet is never sent. This cannot be undone; pause it if you are not sure.',
  stopNow: 'Stop for good',
  deleteDraft: 'Delete the draft',
  deleteAsk: (name) => `Delete “${name}”?`,
  deleteMore: 'This cannot be undone.',
  progress: 'Progress',
  progressText: (done, all) => `${number(done)} of ${number(all)} done`,
  perSecond: (n) => `${number(Math.round(n * 10) / 10)} a second`,
  counts: {
    waiting: 'Waiting', accepted: 'Accepted', delivered: 'Delivered', undelivered: 'Not delivered', rejected: 'Refused by the provider', blocked: 'Refused by a rule',
    expired: 'Expired', cancelled: 'Cancelled', unknown: 'Unknown', parked: 'Need a decision', abandoned: 'Given up',
  },
  imported: (i) => `${count(i.rows, 'row', 'rows')} read: ${number(i.new)} new, ${number(i.existing)} there already, ${number(i.rejected)} rejected.`,
  chart: 'Deliveries over time',
  chartAlt: (d, u, from, to) => `Bar chart: ${number(d)} delivered and ${number(u)} not delivered between ${from} and ${to}.`,
  chartTable: 'Show as a table',
  chartTime: 'Time',
  chartSpan: (s) => `Each bar is ${s >= 3600 ? count(s / 3600, 'hour', 'hours') : s >= 60 ? count(s / 60, 'minute', 'minutes') : count(s, 'second', 'seconds')}.`,
  chartNone: 'No deliveries are known yet.',
  delivered: 'Delivered',
  notDelivered: 'Not delivered',
  report: 'Report',
  makeReport: 'Make the report',
  reportCsv: 'Report as CSV',
  rejectsCsv: 'Rejected rows as CSV',
  reportRate: 'Delivery rate',
  reportTimes: 'Half / 95 % delivered within',
  reportSeconds: (a, b) => `${number(a)} s / ${number(b)} s`,
  reportBilled: 'Billed',
  reportSegments: 'Segments billed',
  reportOptOuts: 'Opted out after it',
  reportFailures: 'Why messages did not arrive',
  reportFailure: ['Reason', 'What to do', 'Messages'],
  campaignMessages: 'Messages of this campaign',

  // Templates
  noTemplates: ['No templates yet', 'Write one below.'],
  newTemplate: 'New template',
  editTemplate: (name) => `Change “${name}”`,
  templateBody: 'Text',
  templateBodyHelp: 'Write a place as {{name}}.',
  places: (names) => `Places: ${names.join(', ')}`,
  noPlaces: 'No places',
  templateSaved: 'The template is saved.',
  templateDeleted: 'The template is deleted.',

  // Consent
  noConsent: ['Nothing recorded yet', 'STOP and START of people, and what you enter here, appears in this list.'],
  consentStates: { 'opted-in': 'Opted in', 'opted-out': 'Opted out' },
  consentSources: { keyword: 'by text', provider: 'reported by the provider', person: 'entered by hand' },
  scopes: { everything: 'all messages', tenant: 'all your messages', sender: 'messages from' },
  record: 'Record a consent',
  recordState: 'What they said',
  recordScope: 'What it is about',
  recordScopes: { tenant: 'All your messages', sender: 'Messages from one sender' },
  recordSender: 'Sender',
  recordPurpose: 'Purpose',
  recordPurposes: { '': 'Every purpose', marketing: 'Marketing', transactional: 'Transactional' },
  recordProof: 'Proof',
  recordProofHelp: 'Where and when they said it, such as “form on the counter, 3 May”.',
  recordButton: 'Record',
  recorded: 'Recorded.',
  recordedSame: 'This was known already.',
  tooLate: (n) => ` ${count(n, 'message was', 'messages were')} on the way already.`,
  forget: 'Forget a person',
  forgetHelp: 'Deletes every message to and from a number, for a request to be forgotten.',
  forgetButton: 'Forget',
  forgetAsk: 'Forget this person?',
  forgetMore: 'Their messages are deleted. This cannot be undone.',
  forgotten: (n) => `${count(n, 'message was', 'messages were')} deleted.`,
  forgetOpen: (n) => ` ${count(n, 'message is', 'messages are')} not settled: settle them first, then forget again.`,
  proof: (text) => `Proof: ${text}`,

  // Audit
  noAudit: ['Nothing yet', 'What people change here is recorded.'],
  auditActions: {
    'credentials.save': 'Saved the credentials', 'credentials.change': 'Changed the number', 'credentials.delete': 'Deleted the credentials',
    'message.settle': 'Settled a message', 'message.cancel': 'Took a message back', 'campaign.add': 'Created a campaign', 'campaign.list': 'Uploaded a list',
    'campaign.start': 'Started a campaign', 'campaign.pause': 'Paused a campaign', 'campaign.resume': 'Resumed a campaign', 'campaign.stop': 'Stopped a campaign',
    'campaign.delete': 'Deleted a draft', 'template.add': 'Wrote a template', 'template.change': 'Changed a template', 'template.delete': 'Deleted a template',
    'consent.record': 'Recorded a consent', 'person.forget': 'Forgot a person',
  },
  auditBy: 'by',
};

// ---------------------------------------------------------------------------------------------------------------------
// Start and frame
// ---------------------------------------------------------------------------------------------------------------------

const API = document.body.dataset.api;
const BASE = document.body.dataset.base;
const PROVIDER = 'twilio';

/** What this page knows. */
const app = {
  me: null,
  account: null,
  /** The view that is shown: `{signal, refresh, onNotice}`. */
  view: null,
  /** What was sent from this page, newest first. */
  items: [],
  live: null,
  isReachable: true,
  isSignedOut: false,
};

const main = document.getElementById('main');
const banner = h('div', { role: 'status' });
const content = h('div');

const VIEWS = [
  { id: 'send', icon: 'send', roles: ['send'], render: sendView },
  { id: 'conversations', icon: 'talk', roles: ['view'], render: conversationsView },
  { id: 'messages', icon: 'list', roles: ['view', 'send'], render: messagesView },
  { id: 'campaigns', icon: 'horn', roles: ['view'], render: campaignsView },
  { id: 'templates', icon: 'page', roles: ['view', 'send', 'manage'], render: templatesView },
  { id: 'consent', icon: 'hand', roles: ['manage'], render: consentView },
  { id: 'unsettled', icon: 'question', roles: ['manage'], render: unsettledView },
  { id: 'audit', icon: 'clock', roles: ['manage'], render: auditView },
  { id: 'credentials', icon: 'key', roles: ['manage'], render: credentialsView },
];

const may = (role) => Boolean(app.me?.roles[role]);
const mayOpen = (view) => view.roles.some(may);

function begin() {
  document.getElementById('brand').replaceChildren(icon('brand', 22), T.brand);
  main.replaceChildren(banner, content);
  document.addEventListener('click', followLink);
  window.addEventListener('popstate', () => app.me && show(true));
  window.addEventListener('offline', () => lost(T.offline));
  window.addEventListener('online', reconnect);
  window.addEventListener('pagehide', closeStream);
  window.addEventListener('pageshow', (event) => event.persisted && app.me && openStream());
  document.addEventListener('visibilitychange', () => app.me && !document.hidden && app.view?.refresh?.());
  // Without events, what is shown is read again from time to time.
  setInterval(() => app.me && app.live !== 'open' && !document.hidden && app.view?.refresh?.(), 15_000);
  signIn();
}

/** Asks who is there, and builds the page for them. */
async function signIn() {
  content.replaceChildren(loading());
  try {
    app.me = await get('me');
  } catch (failure) {
    if (failure.status === 403) content.replaceChildren(heading(T.noRole, T.noRoleMore));
    else if (!app.isSignedOut) content.replaceChildren(failed(failure, signIn));
    return;
  }
  app.isSignedOut = false;
  restoreItems();
  drawNav();
  drawTop();
  loadAccount();
  openStream();
  show(false);
  watchLogin();
}

/** Asks again who is there when the login should have ended. */
function watchLogin() {
  const left = app.me.expires ? Date.parse(app.me.expires) - Date.now() : Infinity;
  if (left < 2 ** 31) setTimeout(() => get('me').catch(() => {}), Math.max(left, 0) + 500);
}

async function loadAccount() {
  try {
    app.account = await get('account');
  } catch {
    app.account = null;
  }
  drawTop();
}

function drawTop() {
  if (!app.me) return;
  const isTrial = app.account?.type === 'Trial';
  const trial = h('details', { class: 'trial' }, h('summary', {}, T.trial), h('p', {}, T.trialMore));
  document.getElementById('top').replaceChildren(
    ...(isTrial ? [trial] : []),
    liveChip(),
    h('span', {}, ...sentence(T.user('\0'), foreign(app.me.user))),
  );
}

function liveChip() {
  const looks = { open: ['good', 'dot'], waiting: ['warn', 'wait'], off: ['', 'dot'], full: ['warn', 'alert'] }[app.live];
  if (!looks) return h('span', { hidden: true });
  return h('span', { class: `chip ${looks[0]}` }, icon(looks[1], 14), T.live[app.live], h('span', { class: 'unseen' }, ` ${T.liveMore[app.live]}`));
}

function drawNav() {
  const nav = document.getElementById('nav');
  const toggle = h('button', { type: 'button', class: 'menu', 'aria-expanded': 'false', 'aria-controls': 'views' }, icon('menu'), T.menu);
  toggle.addEventListener('click', () => toggle.setAttribute('aria-expanded', String(nav.classList.toggle('open'))));
  nav.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && nav.classList.contains('open')) {
      closeMenu();
      toggle.focus();
    }
  });
  const entry = (view) => h('li', {}, link(view.id, { 'data-view': view.id }, icon(view.icon), T.views[view.id][0]));
  nav.replaceChildren(toggle, h('ul', { id: 'views' }, ...VIEWS.filter(mayOpen).map(entry)));
}

function closeMenu() {
  const nav = document.getElementById('nav');
  nav.classList.remove('open');
  nav.querySelector('.menu')?.setAttribute('aria-expanded', 'false');
}

function followLink(event) {
  const anchor = event.target.closest?.('a[data-view], a[data-link]');
  if (!anchor || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(anchor.getAttribute('href'));
}

function go(address) {
  if (address !== location.pathname) history.pushState(null, '', address);
  show(true);
}

/** Shows the view of the address. */
function show(hasMoved) {
  app.view?.controller.abort();
  closeMenu();
  const [id, argument] = location.pathname.slice(BASE.length).split('/').filter(Boolean);
  if (!id) return showFirst(hasMoved);
  const view = VIEWS.find((one) => one.id === id);
  const controller = new AbortController();
  app.view = { id, controller, signal: controller.signal, refresh: null, onNotice: null };
  for (const anchor of document.querySelectorAll('#nav a')) {
    if (anchor.dataset.view === id) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  }
  content.replaceChildren();
  if (!view) content.append(heading(T.nothingHere));
  else if (mayOpen(view)) view.render(argument ?? null, app.view);
  else content.append(heading(T.views[id][0]), note('warn', T.needsRole(view.roles.join(' / '))));
  content.append(footer());
  title();
  if (hasMoved) focusHeading();
}

function showFirst(hasMoved) {
  const first = VIEWS.find(mayOpen);
  if (first) {
    history.replaceState(null, '', `${BASE}/${first.id}`);
    show(hasMoved);
  } else {
    content.replaceChildren(heading(T.noRole, T.noRoleMore));
  }
}

function title() {
  document.title = `${content.querySelector('h1')?.textContent ?? ''} – ${T.brand}`;
}

function focusHeading() {
  const target = content.querySelector('h1');
  window.scrollTo(0, 0);
  target?.focus({ preventScroll: true });
}

function footer() {
  return h('p', { class: 'foot' }, isUtc() ? T.zoneUtc : T.zone(ZONE));
}

/** Nobody is signed in: nothing that was shown stays on the screen. */
function signedOut() {
  if (app.isSignedOut) return;
  Object.assign(app, { me: null, account: null, items: [], isSignedOut: true, live: null });
  app.view?.controller.abort();
  app.view = null;
  closeStream();
  forgetItems();
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  document.getElementById('nav').replaceChildren();
  document.getElementById('top').replaceChildren();
  banner.replaceChildren();
  content.replaceChildren(heading(T.signedOut, T.signedOutMore), button(T.signedOutAgain, () => location.reload(), 'main'));
  document.title = `${T.signedOut} – ${T.brand}`;
  focusHeading();
}

/** The server cannot be reached: says so until it can. */
function lost(text) {
  if (!app.isReachable || app.isSignedOut) return;
  app.isReachable = false;
  banner.replaceChildren(h('div', { class: 'banner' }, icon('alert'), h('span', {}, text), button(T.retry, reconnect)));
  lost.timer = setInterval(reconnect, 5_000);
}

async function reconnect() {
  try {
    await get('me');
  } catch {
    return;
  }
  if (app.me) app.view?.refresh?.();
  else if (!app.isSignedOut) signIn();
}

function reached() {
  if (app.isReachable) return;
  app.isReachable = true;
  clearInterval(lost.timer);
  banner.replaceChildren();
  announce(T.online);
}

// ---------------------------------------------------------------------------------------------------------------------
// Views: send
// ---------------------------------------------------------------------------------------------------------------------

async function sendView(_, view) {
  const place = h('div', { class: 'stack' }, loading());
  content.append(heading(...T.views.send), place);
  try {
    const [sms, call, numbers] = await Promise.all([
      get('widgets/twilio-send-sms', view),
      get('widgets/twilio-make-call', view).catch(missing),
      get('numbers', view).catch(() => null),
    ]);
    const account = app.account ?? await get('account', view).catch(() => null);
    const widgets = [sms, call].filter(Boolean).map((definition) => widget(definition, numbers?.items ?? [], view));
    const isUnconnected = account && !account.connected;
    place.replaceChildren(
      ...(isUnconnected ? [notConnected()] : []),
      h('div', { class: 'columns' }, ...widgets),
      h('section', { class: 'card', 'aria-labelledby': 'recent' }, h('h2', { id: 'recent' }, T.recent), itemList(view, (item) => item.shownIn === 'send', T.recentNone)),
    );
  } catch (failure) {
    showFailure(place, failure, view);
  }
}

function notConnected() {
  const next = may('manage') ? h('p', {}, link('credentials', {}, T.toCredentials)) : h('p', {}, T.notConnectedAsk);
  return note('warn', T.notConnected, h('p', {}, T.notConnectedMore), next);
}

// ---------------------------------------------------------------------------------------------------------------------
// Views: conversations
// ---------------------------------------------------------------------------------------------------------------------

function conversationsView(id, view) {
  const list = pagedList(view, {
    label: T.views.conversations[0],
    load: (page) => get(`conversations?${page}`, view),
    find: (person, page) => post('conversations/search', { person, ...page }, view),
    key: (talk) => talk.id,
    draw: (talk) => conversationRow(talk, id),
    empty: T.noConversations,
  });
  const thread = h('div', { class: 'pane card' });
  const pane = h('div', { class: 'pane' }, searchForm(T.person, list), list.element);
  content.append(heading(...T.views.conversations), h('div', { class: id ? 'talk open' : 'talk' }, pane, thread));
  view.refresh = list.refresh;
  list.restart();
  const opened = id ? threadOf(id, thread, view) : null;
  if (!opened) thread.append(h('p', { class: 'none soft' }, T.choose));
  const soon = debounce(() => view.refresh(), 300);
  view.refresh = () => Promise.all([list.refresh(), opened?.refresh()]);
  view.onNotice = ({ name }) => /^twilio\.(sms|consent)\./.test(name) && soon();
}

function conversationRow(talk, open) {
  const isOpen = String(talk.id) === open;
  const who = h('span', { class: 'title' }, foreign(talk.person));
  const chips = [
    talk.unread > 0 && !isOpen ? chip('busy', null, T.unread(talk.unread)) : null,
    talk.optedOut ? chip('warn', 'hand', T.optedOut) : null,
  ].filter(Boolean);
  const said = h('span', { class: 'excerpt' }, `${talk.lastDirection === 'out' ? T.you : T.they}: `, foreign(talk.lastBody || T.noText));
  return h('li', {}, link(`conversations/${talk.id}`, { class: `item ${talk.unread && !isOpen ? 'unread' : ''}`, 'aria-current': isOpen ? 'true' : null },
    h('span', { class: 'line' }, who, h('span', { class: 'soft small' }, talk.lastAt ? time(talk.lastAt) : '')), said, chips.length ? h('span', { class: 'row' }, ...chips) : ''));
}

/** The texts of a conversation, and the form for an answer. */
function threadOf(id, place, view) {
  const top = h('div', { class: 'row apart' });
  const bubbles = pagedList(view, {
    label: T.views.conversations[0],
    load: (page) => get(`conversations/${id}/messages?${page}`, view),
    key: (text) => text.id,
    draw: (text) => bubble(id, text),
    empty: T.noMessages,
    isReversed: true,
  });
  const scroll = h('div', { class: 'thread', tabindex: '0', role: 'group' }, bubbles.element);
  const reply = h('div', { class: 'reply stack tight' });
  place.replaceChildren(link('conversations', { class: 'back only-narrow' }, T.allConversations), top, scroll, reply);
  let shown = null;
  async function refresh(isFirst) {
    try {
      const [talk] = await Promise.all([get(`conversations/${id}`, view), isFirst ? bubbles.restart() : bubbles.refresh()]);
      top.replaceChildren(h('h2', {}, foreign(talk.person)), talk.optedOut ? chip('warn', 'hand', T.optedOut) : '');
      scroll.setAttribute('aria-label', T.thread(talk.person));
      const looks = `${talk.optedOut}`;
      if (looks !== shown) reply.replaceChildren(...replyForm(talk, view, () => refresh(false)));
      shown = looks;
      if (talk.unread > 0 && !document.hidden) await post(`conversations/${id}/read`, {}, view).then(() => isFirst && view.refresh());
    } catch (failure) {
      showFailure(top, failure, view);
    }
  }
  bubbles.onDrawn = (isGrown) => { if (isGrown) scroll.scrollTop = scroll.scrollHeight; };
  refresh(true);
  return { refresh: () => refresh(false) };
}

function bubble(conversation, text) {
  const isOut = text.direction === 'out';
  const media = (text.media ?? []).map((one) => medium(conversation, text.id, one));
  const said = text.body || !media.length ? [h('p', { class: 'said lines' }, text.body ? foreign(text.body) : T.noText)] : [];
  const meta = h('p', { class: 'meta' }, h('span', {}, isOut ? T.you : T.they), time(text.at), isOut && text.status ? statusChip(text.status) : '');
  return h('li', { class: isOut ? 'bubble out' : 'bubble' }, ...said, ...media, meta, text.error ? errorNote(text.error) : '');
}

/** Only these types are shown as pictures; everything else is a download. */
const PICTURES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

function medium(conversation, text, { index, contentType }) {
  const address = `${API}/conversations/${conversation}/messages/${text}/media/${index}`;
  if (PICTURES.has(contentType)) return h('a', { href: address }, h('img', { src: address, alt: T.media(index + 1), loading: 'lazy' }));
  return h('a', { href: address, download: '' }, ...sentence(T.mediaDownload('\0'), foreign(contentType ?? '')));
}

function replyForm(talk, view, refresh) {
  const reason = talk.optedOut ? T.optedOutMore : may('send') ? null : T.replyNeedsSend;
  const box = field({ key: 'reply', label: T.replyLabel, type: 'textarea', required: true, help: reason });
  const send = button(T.reply, null, 'main');
  send.type = 'submit';
  const form = h('form', { class: 'form', novalidate: true, 'aria-label': T.reply }, box.element, h('div', { class: 'row' }, send));
  if (reason) {
    box.input.disabled = true;
    disable(send, box.input.getAttribute('aria-describedby'));
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (reason || !checkFields([box])) return;
    sendReply(talk, box, send, refresh);
  });
  const shownIn = `talk ${talk.id}`;
  return [itemList(view, (item) => item.shownIn === shownIn && item.phase !== 'accepted', null), form];
}

/** An answer is sent at once, but a double click is one text: the button is off until the answer is there. */
async function sendReply(talk, box, send, refresh) {
  const body = box.input.value;
  await busy(send, async () => {
    const draft = { kind: 'text', path: `conversations/${talk.id}/replies`, fields: { body }, to: talk.person, shownIn: `talk ${talk.id}` };
    const item = newItem(draft, await keyFor(draft));
    box.input.value = '';
    await deliver(item);
    if (item.phase === 'refused' && !box.input.value) box.input.value = body;
  });
  refresh();
}

// ---------------------------------------------------------------------------------------------------------------------
// Views: messages
// ---------------------------------------------------------------------------------------------------------------------

function messagesView(id, view) {
  if (id) return messageView(id, view);
  const campaign = new URLSearchParams(location.search).get('campaign');
  const state = field({ key: 'state', label: T.state, type: 'select', choices: [['', T.anyState], ...Object.entries(T.states)] });
  const list = pagedList(view, {
    label: T.views.messages[0],
    load: (page) => get(`messages?${page}${state.input.value ? `&state=${state.input.value}` : ''}${campaign ? `&campaign=${encodeURIComponent(campaign)}` : ''}`, view),
    find: (to, page) => post('messages/search', { to, ...page }, view),
    key: (message) => message.id,
    draw: (message) => h('li', {}, messageRow(message)),
    empty: () => (state.input.value ? T.noMessagesFilter : T.noMessages),
  });
  state.input.addEventListener('change', () => list.restart());
  const lead = may('view') ? T.views.messages[1] : T.ownMessages;
  content.append(heading(T.views.messages[0], lead), searchForm(T.person, list, state.element), list.element);
  followList(view, list);
}

function messageRow(message) {
  return link(`messages/${message.id}`, { class: 'item' },
    h('span', { class: 'line' }, h('span', { class: 'title' }, `${T.itemTo[message.kind]} `, foreign(message.to)), h('span', { class: 'soft small' }, time(message.at))),
    message.body ? h('span', { class: 'excerpt' }, foreign(message.body)) : '',
    h('span', { class: 'row' }, messageChip(message), message.error ? h('span', { class: 'small soft' }, foreign(message.error.message)) : ''));
}

/** The provider's word, once it took the message; before that, ours. */
function messageChip(message) {
  return message.state === 'accepted' && message.status ? statusChip(message.status) : stateChip(message.state);
}

async function messageView(id, view) {
  const place = h('div', { class: 'stack' }, loading());
  content.append(link('messages', { class: 'back' }, T.allMessages), heading(T.message), place);
  let shown = null;
  async function refresh() {
    try {
      const message = await get(`messages/${encodeURIComponent(id)}`, view);
      const looks = JSON.stringify(message);
      // What somebody has begun to enter stays, unless the message has changed.
      if (looks !== shown) keepFocus(place, () => place.replaceChildren(...messagePage(message, view)));
      shown = looks;
    } catch (failure) {
      if (shown === null) showFailure(place, failure, view);
    }
  }
  view.refresh = refresh;
  const soon = debounce(refresh, 200);
  view.onNotice = ({ name, payload }) => /^twilio\.(sms|call)\.(status|sent|initiated)$/.test(name) && String(payload.id) === id && soon();
  await refresh();
}

function messagePage(message, view) {
  const rows = Object.entries(messageFacts(message)).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const facts = h('dl', { class: 'facts' }, ...rows.flatMap(([key, value]) => [h('dt', {}, T.facts[key]), h('dd', {}, value)]));
  const isOpen = message.state === 'unknown' || message.state === 'parked';
  const parts = [h('div', { class: 'card stack' }, h('div', { class: 'row' }, messageChip(message)), facts)];
  if (message.error) parts.push(errorNote(message.error));
  if (isOpen && may('manage')) parts.push(h('div', { class: 'card stack' }, ...settleForm(message, view)));
  else if (isOpen) parts.push(note('warn', T.unknown, h('p', {}, message.state === 'unknown' ? T.stillUnknown : T.stillUnknownPark)));
  if (message.cancelRequested) parts.push(note('', T.cancelRequested));
  else if (message.state === 'ready') parts.push(cancelPart(message, view));
  return parts;
}

function messageFacts(message) {
  const plain = (value) => (value === null || value === undefined ? null : foreign(String(value)));
  return {
    to: plain(message.to), from: plain(message.from), kind: T.kinds[message.kind], body: message.body && h('span', { class: 'lines' }, foreign(message.body)),
    state: T.states[message.state] ?? message.state, status: message.status && (T.statuses[message.status] ?? plain(message.status)), segments: message.segments && number(message.segments),
    attempts: number(message.attempts ?? 0), user: plain(message.user), campaign: message.campaign && link(`campaigns/${message.campaign}`, {}, `#${message.campaign}`),
    enqueuedAt: message.enqueuedAt && time(message.enqueuedAt), dueAt: message.dueAt && time(message.dueAt), at: message.at && time(message.at), endedAt: message.endedAt && time(message.endedAt),
    expiresAt: message.expiresAt && time(message.expiresAt), sid: message.sid && h('code', {}, message.sid), price: message.price && money(message.price.amount, message.price.currency),
  };
}

function cancelPart(message, view) {
  const undo = button(T.cancelMessage, async () => {
    if (!await ask({ title: T.cancelAsk, body: [h('p', {}, T.cancelMore)], yes: T.cancelMessage, isDanger: true })) return;
    await busy(undo, async () => {
      const answer = await act(() => post(`messages/${message.id}/cancel`, {}, view), undo);
      if (answer) say(undo, answer.cancelled ? T.cancelled : T.notCancelled, answer.cancelled ? 'good' : 'warn');
    });
    view.refresh();
  });
  return h('div', {}, undo);
}

// ---------------------------------------------------------------------------------------------------------------------
// Views: unsettled
// ---------------------------------------------------------------------------------------------------------------------

function unsettledView(_, view) {
  const list = pagedList(view, {
    label: T.views.unsettled[0],
    load: (page) => get(`unsettled?${page}`, view),
    key: (message) => message.id,
    draw: (message) => h('li', { class: 'card stack' }, messageRow(message), ...settleForm(message, view)),
    empty: T.noUnsettled,
  });
  content.append(heading(...T.views.unsettled), list.element);
  followList(view, list);
}

/** What is known about a message, and the three choices of a person. */
function settleForm(message, view) {
  const why = message.state === 'unknown' ? T.isUnknown : T.parkReasons[message.parked?.reason] ?? T.parkOther;
  const candidates = message.parked?.candidates ?? [];
  const name = `settle-${message.id}`;
  const sid = field({ key: 'messageSid', label: `${T.settleSid} ${T.optional}`, type: 'text', value: candidates.length === 1 ? candidates[0] : '' });
  sid.element.hidden = true;
  const radios = Object.entries(T.settleAs).map(([word, [label, help]]) => choice(name, word, label, help));
  const set = h('fieldset', { class: 'stack tight field' }, h('legend', {}, T.settleTitle), ...radios.map((radio) => radio.element));
  set.addEventListener('change', () => { sid.element.hidden = chosen(radios) !== 'was-sent'; });
  const go = button(T.settle, null, 'main');
  go.type = 'submit';
  const form = h('form', { class: 'form', novalidate: true }, set, sid.element, h('div', { class: 'row' }, go));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const as = chosen(radios);
    if (!as) {
      say(go, T.settleChoose, 'bad');
      return radios[0].input.focus();
    }
    const fields = { as, ...(as === 'was-sent' && sid.input.value.trim() ? { messageSid: sid.input.value.trim() } : {}) };
    await busy(go, async () => {
      if (await act(() => post(`messages/${message.id}/settle`, fields, view), go)) announce(T.settled);
      await view.refresh();
    });
    if (!form.isConnected) focusHeading();
  });
  const list = candidates.length ? [h('p', {}, T.candidates, ...candidates.flatMap((one, i) => [i ? ', ' : '', h('code', {}, one)]))] : [];
  return [note('warn', why, ...list), form];
}

function choice(name, value, label, help) {
  const id = newId();
  const input = h('input', { type: 'radio', name, value, id, 'aria-describedby': `${id}-help` });
  return { input, element: h('div', { class: 'choice' }, input, h('label', { for: id }, label), h('p', { id: `${id}-help` }, help)) };
}

const chosen = (radios) => radios.find((radio) => radio.input.checked)?.input.value ?? null;

// ---------------------------------------------------------------------------------------------------------------------
// Views: campaigns
// ---------------------------------------------------------------------------------------------------------------------

function campaignsView(id, view) {
  if (id === 'new') return newCampaignView(view);
  if (id) return campaignView(id, view);
  const list = pagedList(view, {
    label: T.views.campaigns[0],
    load: (page) => get(`campaigns?${page}`, view),
    key: (campaign) => campaign.id,
    draw: campaignRow,
    empty: T.noCampaigns,
  });
  const head = heading(...T.views.campaigns);
  if (may('manage')) head.append(link('campaigns/new', { class: 'button main' }, T.newCampaign));
  content.append(head, list.element);
  view.refresh = list.refresh;
  list.restart();
  every(view, 5_000, () => !document.hidden && list.items().some((one) => isMoving(one.status)) && list.refresh());
}

const isMoving = (status) => ['importing', 'sending', 'settling'].includes(status);

function campaignRow(campaign) {
  return h('li', {}, link(`campaigns/${campaign.id}`, { class: 'item' },
    h('span', { class: 'line' }, h('span', { class: 'title' }, foreign(campaign.name)), h('span', { class: 'soft small' }, time(campaign.createdAt))),
    campaign.body ? h('span', { class: 'excerpt' }, foreign(campaign.body)) : '',
    h('span', { class: 'row' }, campaignChip(campaign.status), campaign.progress ? h('span', { class: 'soft small number' }, T.progressText(done(campaign.progress), campaign.progress.messages)) : '')));
}

const done = (progress) => Math.max(0, progress.messages - progress.waiting);

function campaignChip(status) {
  const looks = { draft: '', importing: 'busy', interrupted: 'bad', sending: 'busy', paused: 'warn', settling: 'busy', finished: 'good', stopped: 'bad' };
  const icons = { draft: 'page', importing: 'wait', interrupted: 'alert', sending: 'wait', paused: 'pause', settling: 'wait', finished: 'check', stopped: 'cross' };
  return chip(looks[status] ?? '', icons[status] ?? 'dot', T.statusOf[status] ?? status);
}

async function newCampaignView(view) {
  content.append(link('campaigns', { class: 'back' }, T.allCampaigns), heading(T.newCampaign));
  if (!may('manage')) return content.append(note('warn', T.needsRole('manage')));
  const templates = await everything('templates', view).catch(() => []);
  if (view.signal.aborted) return;
  const fields = campaignFields(templates);
  const { name, kind, template, body, ...more } = fields;
  const create = button(T.create, null, 'main');
  create.type = 'submit';
  const settings = h('details', {}, h('summary', {}, T.moreSettings), h('div', { class: 'form wide' }, ...Object.values(more).map((one) => one.element)));
  const form = h('form', { class: 'card form', novalidate: true }, name.element, kind.element, template.element, body.element, settings, h('div', { class: 'row' }, create));
  template.input.addEventListener('change', () => { body.element.hidden = Boolean(template.input.value); });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!checkFields([name, ...(template.input.value ? [] : [body])])) return;
    await busy(create, async () => {
      const made = await act(() => post('campaigns', campaignBody(fields), view), create, fields);
      if (made) go(`${BASE}/campaigns/${made.id}`);
    });
  });
  content.insertBefore(form, content.querySelector('.foot'));
}

function campaignFields(templates) {
  const optional = (label) => `${label} ${T.optional}`;
  const choices = [['', T.writeHere], ...templates.map((one) => [String(one.id), T.storedTemplate(one.name)])];
  return {
    name: field({ key: 'name', label: T.name, type: 'text', required: true }),
    kind: field({ key: 'kind', label: T.kind, type: 'select', choices: [['text', T.kinds.text], ['call', T.kinds.call]] }),
    template: field({ key: 'templateId', label: T.textFrom, type: 'select', choices }),
    body: field({ key: 'body', label: T.campaignBody, type: 'textarea', required: true, help: T.campaignBodyHelp }),
    purpose: field({ key: 'purpose', label: T.purpose, type: 'select', choices: [['marketing', T.purposes.marketing], ['transactional', T.purposes['']]] }),
    from: field({ key: 'from', label: optional(T.from), type: 'tel', placeholder: '+15551234567' }),
    numberColumn: field({ key: 'numberColumn', label: optional(T.numberColumn), type: 'text', help: T.numberColumnHelp }),
    keyColumn: field({ key: 'keyColumn', label: optional(T.keyColumn), type: 'text', help: T.keyColumnHelp }),
    zoneColumn: field({ key: 'zoneColumn', label: optional(T.zoneColumn), type: 'text' }),
    country: field({ key: 'country', label: optional(T.country), type: 'text', help: T.countryHelp }),
    dueAt: field({ key: 'dueAt', label: optional(T.dueAt), type: 'datetime-local', help: T.timeHelp(ZONE) }),
    expiresAt: field({ key: 'expiresAt', label: optional(T.expiresAt), type: 'datetime-local', help: T.timeHelp(ZONE) }),
    maxSegments: field({ key: 'maxSegments', label: optional(T.maxSegments), type: 'number' }),
  };
}

function campaignBody(fields) {
  const body = {};
  for (const { key, input } of Object.values(fields)) {
    const value = key === 'body' ? input.value : input.value.trim();
    if (!value) continue;
    if (input.type === 'datetime-local') body[key] = new Date(value).toISOString();
    else if (key === 'templateId' || key === 'maxSegments') body[key] = Number(value);
    else if (key === 'country') body[key] = value.toUpperCase();
    else body[key] = value;
  }
  if (body.templateId) delete body.body;
  return body;
}

async function campaignView(id, view) {
  const place = h('div', { class: 'stack' }, loading());
  const head = heading(T.views.campaigns[0]);
  content.append(link('campaigns', { class: 'back' }, T.allCampaigns), head, place);
  let shown = null;
  let current = null;
  async function refresh() {
    try {
      const campaign = await get(`campaigns/${encodeURIComponent(id)}`, view);
      current = campaign;
      if (shown !== campaign.status) {
        const parts = campaign.status === 'draft' ? draftPage(campaign, view, refresh) : runningPage(campaign, view, refresh);
        drawCampaignHead(head, campaign);
        keepFocus(place, () => place.replaceChildren(...parts.elements));
        view.drawProgress = parts.draw;
        shown = campaign.status;
      }
      view.drawProgress?.(campaign);
    } catch (failure) {
      if (shown === null) showFailure(place, failure, view);
    }
  }
  view.refresh = refresh;
  await refresh();
  every(view, 1_000, () => !document.hidden && isMoving(current?.status) && refresh());
}

function drawCampaignHead(head, campaign) {
  const h1 = head.querySelector('h1');
  h1.replaceChildren(foreign(campaign.name));
  head.querySelector('.chip')?.remove();
  head.append(campaignChip(campaign.status));
  const first = head.querySelector('.lead') ?? h('p', { class: 'lead' });
  first.textContent = T.statusMore[campaign.status] ?? '';
  h1.after(first);
  title();
}

/** The three steps of a draft: the list, the plan, the start. */
function draftPage(campaign, view, refresh) {
  const state = { campaign, planned: null };
  const start = startPart(state, view, refresh);
  const elements = [bodyPart(campaign)];
  if (campaign.error) elements.push(note('bad', foreign(campaign.error)));
  if (!may('manage')) return { elements: [...elements, note('', T.needsRole('manage'))] };
  const plan = planPart(state, view);
  const upload = uploadPart(state, view, () => { start.draw(); plan.draw(); });
  elements.push(upload, plan.element, start.element);
  return { elements, draw: (now) => { state.campaign = now; start.draw(); plan.draw(); } };
}

function bodyPart(campaign) {
  return h('section', { class: 'card' }, h('h2', {}, T.campaignBody), h('p', { class: 'lines' }, foreign(campaign.body ?? '')));
}

function uploadPart(state, view, changed) {
  const file = field({ key: 'file', label: T.file, type: 'file', accept: '.csv,.ndjson,text/csv,application/x-ndjson' });
  const shown = h('p', {}, listText(state.campaign));
  const go = button(T.upload, null, state.campaign.list ? '' : 'main');
  go.type = 'submit';
  const form = h('form', { class: 'form', novalidate: true }, file.element, h('div', { class: 'row' }, go));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const chosenFile = file.input.files[0];
    if (!chosenFile) return wrong(file, T.fileMissing, true);
    if (chosenFile.size > 32 * 1024 * 1024) return wrong(file, T.fileTooLarge, true);
    wrong(file, '');
    const type = /\.(ndjson|jsonl)$/i.test(chosenFile.name) ? 'application/x-ndjson' : 'text/csv';
    await busy(go, async () => {
      const list = await act(() => call('PUT', `campaigns/${state.campaign.id}/list`, { raw: chosenFile, type, signal: view.signal, wait: 120_000 }), go);
      if (!list) return;
      state.campaign.list = list;
      shown.textContent = listText(state.campaign);
      announce(shown.textContent);
      changed();
    }, T.uploading);
  });
  return h('section', { class: 'card stack' }, h('h2', {}, T.step1), h('p', { class: 'soft' }, T.step1Help), shown, form);
}

const listText = ({ list }) => (list ? T.uploaded(bytes(list.bytes), list.format) : '');

function planPart(state, view) {
  const result = h('div', { class: 'stack' });
  const make = button(T.plan, async () => {
    if (make.getAttribute('aria-disabled') === 'true') return;
    await busy(make, async () => {
      const plan = await act(() => call('POST', `campaigns/${state.campaign.id}/plan`, { json: {}, signal: view.signal, wait: 300_000 }), make);
      if (!plan) return;
      state.planned = plan;
      result.replaceChildren(...planResult(plan));
      announce(`${T.planCounts.messages}: ${number(plan.messages)}. ${T.planCounts.rejected}: ${number(plan.rejected)}.`);
    }, T.planning);
  });
  const why = h('p', { class: 'soft', id: newId() }, T.startNeeds);
  const draw = () => {
    why.hidden = Boolean(state.campaign.list);
    if (state.campaign.list) enable(make);
    else disable(make, why.id);
  };
  draw();
  return { element: h('section', { class: 'card stack' }, h('h2', {}, T.step2), h('p', { class: 'soft' }, T.step2Help), h('div', { class: 'row' }, make), why, result), draw };
}

function planResult(plan) {
  const counts = Object.entries(T.planCounts).map(([key, label]) => h('div', {}, h('dt', {}, label), h('dd', {}, number(plan[key] ?? 0))));
  const parts = [h('dl', { class: 'counts' }, ...counts)];
  if (plan.estimate) parts.push(h('p', {}, `${T.planEstimate}: `, estimateText(plan.estimate)));
  for (const row of plan.estimate?.unpriced ?? []) parts.push(h('p', { class: 'small soft' }, foreign(`${row.destination}: ${row.reason}`)));
  if (plan.longest) parts.push(h('p', { class: 'soft' }, T.planLongest(plan.longest)));
  if (plan.firstUcs2) parts.push(h('p', { class: 'soft' }, T.planUcs2(plan.firstUcs2.line), character(plan.firstUcs2.character), '.'));
  const sizes = Object.entries(plan.bySegments ?? {});
  if (sizes.length > 1) parts.push(table(T.planBySegments, [T.planCounts.segments, T.planCounts.messages], sizes.map(([size, n]) => [size, number(n)])));
  const warnings = Object.entries(plan.warnings ?? {});
  if (warnings.length) parts.push(note('warn', T.planWarnings, ...warnings.map(([rule, n]) => h('p', {}, foreign(T.planWarning(rule, n))))));
  if (plan.firstRejected?.length) {
    const rows = plan.firstRejected.map((row) => [number(row.line), foreign(row.sentence ?? row.reason)]);
    const caption = plan.rejected > rows.length ? `${T.planRejected}. ${T.planRejectedFirst(rows.length)}` : T.planRejected;
    parts.push(table(caption, [T.planLine, T.planReason], rows));
  }
  return parts;
}

function startPart(state, view, refresh) {
  const why = h('p', { class: 'soft', id: newId() }, T.startNeeds);
  const start = button(T.start, async () => {
    if (start.getAttribute('aria-disabled') === 'true') return;
    const body = [h('p', {}, T.startMore(state.planned?.messages ?? null)), ...(state.planned?.estimate ? [h('p', {}, `${T.planEstimate}: `, estimateText(state.planned.estimate))] : [])];
    if (!await ask({ title: T.startAsk, body, yes: T.startNow })) return;
    await busy(start, async () => { await act(() => post(`campaigns/${state.campaign.id}/start`, {}, view), start); });
    await refresh();
    focusHeading();
  }, 'main');
  const remove = button(T.deleteDraft, async () => {
    if (!await ask({ title: T.deleteAsk(state.campaign.name), body: [h('p', {}, T.deleteMore)], yes: T.delete, isDanger: true })) return;
    if (await act(() => call('DELETE', `campaigns/${state.campaign.id}`, { signal: view.signal }).then(() => true), remove)) go(`${BASE}/campaigns`);
  }, 'danger');
  const draw = () => {
    why.hidden = Boolean(state.campaign.list);
    if (state.campaign.list) enable(start);
    else disable(start, why.id);
  };
  draw();
  return { element: h('section', { class: 'card stack' }, h('h2', {}, T.step3), why, h('div', { class: 'row apart' }, start, remove)), draw };
}

/** A campaign that was started: how far it is, what can be done with it, its chart and its report. */
function runningPage(campaign, view, refresh) {
  const bar = h('progress', { max: '1', value: '0', id: newId() });
  const label = h('label', { for: bar.id }, T.progress);
  const text = h('p', { class: 'number' });
  const counts = h('dl', { class: 'counts' });
  const failure = h('div');
  const chart = chartPart(campaign, view);
  const draw = (now) => {
    const progress = now.progress ?? { messages: 0, waiting: 0 };
    bar.max = Math.max(progress.messages, 1);
    bar.value = done(progress);
    const rate = progress.perSecond ?? progress.rate;
    text.textContent = T.progressText(done(progress), progress.messages) + (rate && isMoving(now.status) ? `, ${T.perSecond(rate)}` : '');
    counts.replaceChildren(...progressCounts(progress));
    failure.replaceChildren(...(now.imported ? [h('p', { class: 'soft' }, T.imported(now.imported))] : []), ...(now.error ? [note('bad', foreign(now.error))] : []));
    chart.draw();
  };
  const first = h('section', { class: 'card stack tight' }, h('div', { class: 'row apart' }, h('h2', {}, label), text), bar, counts, failure, controls(campaign, view, refresh),
    h('p', {}, h('a', { href: `${BASE}/messages?campaign=${campaign.id}` }, T.campaignMessages)));
  return { elements: [first, chart.element, reportPart(campaign, view), bodyPart(campaign)], draw };
}

function progressCounts(progress) {
  const always = ['waiting', 'accepted', 'delivered'];
  const shown = Object.entries(T.counts).filter(([key]) => always.includes(key) || progress[key] > 0);
  return shown.map(([key, label]) => h('div', {}, h('dt', {}, label), h('dd', {}, number(progress[key] ?? 0))));
}

function controls(campaign, view, refresh) {
  if (!may('manage')) return h('p', { class: 'soft small' }, T.needsRole('manage'));
  const step = (label, word, looks, question) => {
    const self = button(label, async () => {
      if (question && !await ask(question)) return;
      await busy(self, async () => { await act(() => post(`campaigns/${campaign.id}/${word}`, {}, view), self); });
      await refresh();
      if (!self.isConnected) focusHeading();
    }, looks);
    return self;
  };
  const can = {
    start: campaign.status === 'interrupted', pause: ['importing', 'sending'].includes(campaign.status), resume: campaign.status === 'paused',
    stop: ['importing', 'interrupted', 'sending', 'paused'].includes(campaign.status),
  };
  return h('div', { class: 'row' },
    can.start ? step(T.start, 'start', 'main') : '', can.pause ? step(T.pause, 'pause', '') : '', can.resume ? step(T.resume, 'resume', 'main') : '',
    can.stop ? step(T.stop, 'stop', 'danger', { title: T.stopAsk, body: [h('p', {}, T.stopMore)], yes: T.stopNow, isDanger: true }) : '');
}

function chartPart(campaign, view) {
  const place = h('div', {}, loading());
  let shown = null;
  let last = 0;
  const draw = async () => {
    if (Date.now() - last < 2_500) return;
    last = Date.now();
    try {
      const data = await get(`campaigns/${campaign.id}/deliveries`, view);
      const looks = JSON.stringify(data);
      if (looks !== shown) drawChart(place, data);
      shown = looks;
    } catch (failure) {
      if (shown === null) showFailure(place, failure, view);
    }
  };
  // Deliveries come after the last message was sent, so the chart goes on for a while.
  every(view, 3_000, () => !document.hidden && draw());
  return { element: h('section', { class: 'card', 'aria-labelledby': 'chart' }, h('h2', { id: 'chart' }, T.chart), place), draw };
}

function drawChart(place, { seconds, items }) {
  if (!items.length) return place.replaceChildren(h('p', { class: 'soft' }, T.chartNone));
  const sum = (key) => items.reduce((all, item) => all + item[key], 0);
  const alt = T.chartAlt(sum('delivered'), sum('undelivered'), timeText(items[0].at), timeText(items.at(-1).at));
  const isOpen = place.querySelector('details')?.open ?? false;
  const key = (word, label) => h('span', {}, svg('svg', { width: 12, height: 12, 'aria-hidden': 'true' }, svg('rect', { class: word, width: 12, height: 12, rx: 3 })), label);
  const rows = items.slice(-200).map((item) => [time(item.at), number(item.delivered), number(item.undelivered)]);
  const details = h('details', {}, h('summary', {}, T.chartTable), table(T.chartSpan(seconds), [T.chartTime, T.delivered, T.notDelivered], rows));
  details.open = isOpen;
  keepFocus(place, () => place.replaceChildren(h('p', { class: 'legend' }, key('delivered', T.delivered), key('undelivered', T.notDelivered), h('span', {}, T.chartSpan(seconds))), bars(seconds, items, alt), details));
}

/** Bars, one a span of time: delivered below, not delivered above. */
function bars(seconds, items, alt) {
  const [width, height, left, bottom] = [720, 220, 44, 24];
  const first = Date.parse(items[0].at);
  const slots = Math.max(1, Math.round((Date.parse(items.at(-1).at) - first) / 1000 / seconds) + 1);
  const most = Math.max(1, ...items.map((item) => item.delivered + item.undelivered));
  const slot = (width - left - 8) / slots;
  const y = (n) => (height - bottom - 12) * (n / most);
  const base = height - bottom;
  const rects = items.flatMap((item) => {
    const x = left + slot * Math.round((Date.parse(item.at) - first) / 1000 / seconds);
    const size = Math.min(46, Math.max(1, slot - 2));
    return [
      item.delivered ? svg('rect', { class: 'delivered', x, y: base - y(item.delivered), width: size, height: y(item.delivered), rx: Math.min(3, size / 3) }) : '',
      item.undelivered ? svg('rect', { class: 'undelivered', x, y: base - y(item.delivered) - y(item.undelivered), width: size, height: y(item.undelivered) }) : '',
    ];
  });
  const words = seconds < 60 ? clockSeconds : seconds < 86_400 ? clock : (at) => dayOf(new Date(at));
  const label = (x, at, anchor, text) => svg('text', { x, y: at, 'text-anchor': anchor }, text);
  return svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': alt },
    svg('line', { class: 'grid', x1: left, x2: width, y1: base - y(most), y2: base - y(most) }),
    svg('line', { class: 'grid', x1: left, x2: width, y1: base - y(most / 2), y2: base - y(most / 2) }),
    svg('line', { class: 'axis', x1: left, x2: width, y1: base, y2: base }),
    ...rects,
    label(left - 8, base - y(most) + 4, 'end', number(most)), label(left - 8, base + 4, 'end', '0'),
    label(left, height - 6, 'start', words(items[0].at)), slots > 1 ? label(width - 4, height - 6, 'end', words(items.at(-1).at)) : '');
}

function reportPart(campaign, view) {
  const place = h('div', { class: 'stack' });
  const make = button(T.makeReport, () => busy(make, async () => {
    const report = await act(() => get(`campaigns/${campaign.id}/report`, view), make);
    if (report) place.replaceChildren(...reportResult(report.total ?? report));
  }));
  const download = (name, label) => h('a', { class: 'button', href: `${API}/campaigns/${campaign.id}/${name}`, download: '' }, icon('down', 16), label);
  return h('section', { class: 'card stack' }, h('h2', {}, T.report),
    h('div', { class: 'row' }, make, download('report.csv', T.reportCsv), may('manage') ? download('rejects.csv', T.rejectsCsv) : ''), place);
}

function reportResult(figures) {
  const texts = figures.texts ?? {};
  const cost = figures.cost ?? {};
  const facts = [
    [T.delivered, number(texts.delivered ?? 0)], [T.notDelivered, number((texts.undelivered ?? 0) + (texts.failed ?? 0))],
    [T.reportRate, typeof texts.deliveryRate === 'number' ? percent(texts.deliveryRate) : '–'],
    [T.reportTimes, texts.timeToDelivery ? T.reportSeconds(texts.timeToDelivery.p50Seconds, texts.timeToDelivery.p95Seconds) : '–'],
    [T.reportSegments, number(texts.segments?.billed ?? 0)], [T.reportBilled, (cost.billed ?? []).map((price) => money(price.amount, price.currency)).join(', ') || '–'],
    [T.reportOptOuts, number(figures.optOuts ?? 0)],
  ];
  const parts = [h('dl', { class: 'facts' }, ...facts.flatMap(([label, value]) => [h('dt', {}, label), h('dd', {}, value)]))];
  const rows = (figures.failures ?? []).map((one) => [foreign(`${one.providerCode ? `${one.providerCode}: ` : ''}${one.meaning}`), foreign(one.advice ?? ''), number(one.refused + one.failed)]);
  if (rows.length) parts.push(table(T.reportFailures, T.reportFailure, rows));
  return parts;
}

// ---------------------------------------------------------------------------------------------------------------------
// Views: templates, consent, audit
// ---------------------------------------------------------------------------------------------------------------------

function templatesView(_, view) {
  const editor = may('manage') ? templateEditor(view, () => list.refresh()) : null;
  const list = pagedList(view, {
    label: T.views.templates[0],
    load: (page) => get(`templates?${page}`, view),
    key: (template) => template.id,
    draw: (template) => templateRow(template, editor, view, () => list.refresh()),
    empty: () => [T.noTemplates[0], may('manage') ? T.noTemplates[1] : ''],
  });
  const head = heading(...T.views.templates);
  if (editor) head.append(button(T.newTemplate, () => editor.edit({ name: '', body: '' })));
  content.append(head, h('div', { class: 'stack' }, list.element, editor?.element ?? note('', T.needsRole('manage'))));
  view.refresh = list.refresh;
  list.restart();
}

function templateRow(template, editor, view, changed) {
  const places = h('p', { class: 'soft small' }, template.variables.length ? foreign(T.places(template.variables)) : T.noPlaces);
  const row = h('li', { class: 'item' }, h('h2', {}, foreign(template.name)), h('p', { class: 'lines' }, foreign(template.body)), places);
  if (!editor) return row;
  const remove = button(T.delete, async () => {
    if (!await ask({ title: T.deleteAsk(template.name), body: [h('p', {}, T.deleteMore)], yes: T.delete, isDanger: true })) return;
    if (!await act(() => call('DELETE', `templates/${template.id}`, { signal: view.signal }).then(() => true), remove)) return;
    await changed();
    announce(T.templateDeleted);
    focusHeading();
  }, 'danger');
  const edit = button(T.edit, () => editor.edit(template));
  for (const one of [edit, remove]) one.append(h('span', { class: 'unseen' }, ` ${template.name}`));
  row.append(h('div', { class: 'row' }, edit, remove));
  return row;
}

function templateEditor(view, changed) {
  let edited = null;
  const title = h('h2', { tabindex: '-1' }, T.newTemplate);
  const name = field({ key: 'name', label: T.name, type: 'text', required: true });
  const body = field({ key: 'body', label: T.templateBody, type: 'textarea', required: true, help: T.templateBodyHelp });
  const save = button(T.save, null, 'main');
  save.type = 'submit';
  const back = button(T.cancel, () => edit(null));
  const edit = (template) => {
    edited = template?.id ? template : null;
    title.replaceChildren(...(edited ? sentence(T.editTemplate('\0'), foreign(template.name)) : [T.newTemplate]));
    name.input.value = template?.name ?? '';
    body.input.value = template?.body ?? '';
    back.hidden = !edited;
    for (const one of [name, body]) wrong(one, '');
    if (template) name.input.focus();
  };
  edit(null);
  const form = h('form', { class: 'form', novalidate: true }, name.element, body.element, h('div', { class: 'row' }, save, back));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!checkFields([name, body])) return;
    const fields = { name: name.input.value.trim(), body: body.input.value };
    await busy(save, async () => {
      const saved = await act(() => call(edited ? 'PUT' : 'POST', edited ? `templates/${edited.id}` : 'templates', { json: fields, signal: view.signal }), save, { name, body });
      if (!saved) return;
      edit(null);
      await changed();
      say(save, T.templateSaved, 'good');
    });
  });
  return { element: h('section', { class: 'card' }, title, form), edit };
}

function consentView(_, view) {
  const list = pagedList(view, {
    label: T.views.consent[0],
    load: (page) => get(`consent?${page}`, view),
    find: (person) => post('consent/search', { person }, view),
    key: (consent) => JSON.stringify([consent.person, consent.scope, consent.purpose]),
    draw: consentRow,
    empty: T.noConsent,
  });
  const forms = h('div', { class: 'columns spaced' }, recordForm(view, list.refresh), forgetForm(view, list.refresh));
  content.append(heading(...T.views.consent), forms, searchForm(T.person, list), list.element);
  view.refresh = list.refresh;
  list.restart();
  const soon = debounce(list.refresh, 300);
  view.onNotice = ({ name }) => name === 'twilio.consent.changed' && soon();
}

function consentRow(consent) {
  const isOut = consent.state === 'opted-out';
  const scope = [T.scopes[consent.scope.kind] ?? consent.scope.kind, consent.scope.sender ? h('span', {}, ' ', foreign(consent.scope.sender)) : ''];
  const purpose = consent.purpose ? `, ${T.recordPurposes[consent.purpose] ?? consent.purpose}` : '';
  return h('li', { class: 'item' },
    h('div', { class: 'line' }, h('span', { class: 'title' }, foreign(consent.person)), h('span', { class: 'soft small' }, time(consent.at))),
    h('div', { class: 'row' }, chip(isOut ? 'warn' : 'good', isOut ? 'hand' : 'check', T.consentStates[consent.state] ?? consent.state),
      h('span', { class: 'soft small' }, ...scope, purpose, ', ', foreign(T.consentSources[consent.source] ?? consent.source))),
    consent.proof ? h('p', { class: 'small' }, foreign(T.proof(consent.proof))) : '');
}

function recordForm(view, changed) {
  const fields = {
    person: field({ key: 'person', label: T.person, type: 'tel', required: true, isNumber: true }),
    state: field({ key: 'state', label: T.recordState, type: 'select', choices: Object.entries(T.consentStates).reverse() }),
    scope: field({ key: 'scope', label: T.recordScope, type: 'select', choices: Object.entries(T.recordScopes) }),
    sender: field({ key: 'sender', label: T.recordSender, type: 'tel', required: true, isNumber: true }),
    purpose: field({ key: 'purpose', label: T.recordPurpose, type: 'select', choices: Object.entries(T.recordPurposes) }),
    proof: field({ key: 'proof', label: `${T.recordProof} ${T.optional}`, type: 'text', help: T.recordProofHelp }),
  };
  fields.sender.element.hidden = true;
  fields.scope.input.addEventListener('change', () => { fields.sender.element.hidden = fields.scope.input.value !== 'sender'; });
  const record = button(T.recordButton, null, 'main');
  record.type = 'submit';
  const form = h('form', { class: 'form', novalidate: true }, ...Object.values(fields).map((one) => one.element), h('div', { class: 'row' }, record));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const used = Object.values(fields).filter((one) => !one.element.hidden);
    if (!checkFields(used)) return;
    const body = Object.fromEntries(used.map(({ key, input }) => [key, input.value.trim()]).filter(([, value]) => value));
    await busy(record, async () => {
      const answer = await act(() => post('consent', body, view), record, fields);
      if (!answer) return;
      say(record, (answer.changed ? T.recorded : T.recordedSame) + (answer.tooLate > 0 ? T.tooLate(answer.tooLate) : ''), 'good');
      form.reset();
      fields.sender.element.hidden = true;
      await changed();
    });
  });
  return folded(T.record, form);
}

function forgetForm(view, changed) {
  const number_ = field({ key: 'number', label: T.person, type: 'tel', required: true, isNumber: true });
  const forget = button(T.forgetButton, null, 'danger');
  forget.type = 'submit';
  const form = h('form', { class: 'form', novalidate: true }, h('p', { class: 'soft' }, T.forgetHelp), number_.element, h('div', { class: 'row' }, forget));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!checkFields([number_])) return;
    const body = [h('p', {}, foreign(number_.input.value)), h('p', {}, T.forgetMore)];
    if (!await ask({ title: T.forgetAsk, body, yes: T.forgetButton, isDanger: true })) return;
    await busy(forget, async () => {
      const answer = await act(() => post('people/forget', { number: number_.input.value.trim() }, view), forget, { number: number_ });
      if (!answer) return;
      say(forget, T.forgotten(answer.deleted) + (answer.open > 0 ? T.forgetOpen(answer.open) : ''), answer.open > 0 ? 'warn' : 'good');
      await changed();
    });
  });
  return folded(T.forget, form);
}

function auditView(_, view) {
  const list = pagedList(view, {
    label: T.views.audit[0],
    load: (page) => get(`audit?${page}`, view),
    key: (entry) => entry.id,
    draw: auditRow,
    empty: T.noAudit,
  });
  content.append(heading(...T.views.audit), list.element);
  view.refresh = list.refresh;
  list.restart();
}

function auditRow(entry) {
  const detail = Object.entries(entry.detail ?? {}).map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ');
  return h('li', { class: 'item' },
    h('div', { class: 'line' }, h('span', {}, h('span', { class: 'title' }, T.auditActions[entry.action] ?? entry.action), ` ${T.auditBy} `, foreign(entry.user)), h('span', { class: 'soft small' }, time(entry.at))),
    entry.target || detail ? h('p', { class: 'small soft' }, foreign([entry.target, detail].filter(Boolean).join(' · '))) : '');
}

// ---------------------------------------------------------------------------------------------------------------------
// Views: credentials
// ---------------------------------------------------------------------------------------------------------------------

async function credentialsView(_, view) {
  const place = h('div', { class: 'stack' }, loading());
  content.append(heading(...T.views.credentials), place);
  try {
    const [cards, saved] = await Promise.all([get('providers', view), get(`credentials/${PROVIDER}`, view)]);
    const provider = cards.find((one) => one.name === PROVIDER);
    const after = h('div', { class: 'stack' });
    const drawAfter = (now) => { if (now.connected) connectedPart(after, now, view); else after.replaceChildren(); };
    place.replaceChildren(credentialForm(provider, saved, view, drawAfter), after);
    drawAfter(saved);
  } catch (failure) {
    showFailure(place, failure, view);
  }
}

function credentialForm(provider, saved, view, drawAfter) {
  const [common, advanced] = [provider.fields, provider.advanced ?? []].map((list) => list.map((one) => field({ ...one, help: one.helpText, autocomplete: 'off' })));
  const fields = Object.fromEntries([...common, ...advanced].map((one) => [one.key, one]));
  const more = advanced.length ? h('details', {}, h('summary', {}, T.moreSettings), h('div', { class: 'form' }, ...advanced.map((one) => one.element))) : '';
  const status = h('div', { role: 'status' });
  const facts = h('p', {});
  const draw = (now, detail) => {
    status.replaceChildren(now.connected ? chip('good', 'check', T.connected) : '');
    facts.replaceChildren(...(now.connected ? [detail ?? (now.shown?.accountSid ? T.accountEnd(now.shown.accountSid) : '')] : []));
  };
  draw(saved);
  const failure = h('div');
  if (saved.status === 'failed') failure.append(note('bad', T.savedFailed, foreign(saved.statusDetail ?? '')));
  const save = button(T.save, null, 'main');
  save.type = 'submit';
  const form = h('form', { class: 'form', novalidate: true, autocomplete: 'off' }, ...common.map((one) => one.element), more, failure, h('div', { class: 'row' }, save));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    failure.replaceChildren();
    if (!checkFields(Object.values(fields))) return;
    await busy(save, () => saveCredentials(fields, { failure, draw, drawAfter }, view), T.saving);
  });
  // What is connected already is seldom changed.
  const place = saved.connected ? h('details', {}, h('summary', {}, T.changeCredentials), form) : form;
  const picture = h('span', { 'aria-hidden': 'true' }, provider.icon ?? '');
  return h('section', { class: 'card stack' }, h('div', { class: 'row apart' }, h('h2', {}, picture, ` ${provider.displayName}`), status), h('p', { class: 'soft' }, provider.description), facts, place);
}

async function saveCredentials(fields, { failure, draw, drawAfter }, view) {
  const body = Object.fromEntries(Object.values(fields).map(({ key, input }) => [key, input.value.trim()]).filter(([, value]) => value));
  draw({ connected: false });
  try {
    const answer = await call('PUT', `credentials/${PROVIDER}`, { json: body, signal: view.signal });
    const { metadata } = answer.connection;
    draw({ connected: true }, foreign(`${T.connectedAs}: ${metadata?.friendlyName ?? answer.connection.username ?? ''}${metadata?.type ? `, ${T.accountType}: ${metadata.type}` : ''}`));
    for (const { input } of Object.values(fields)) if (input.type === 'password') input.value = '';
    loadAccount();
    drawAfter(await get(`credentials/${PROVIDER}`, view));
  } catch (problem) {
    if (problem.isGone) return;
    const { key, advice } = credentialAdvice(problem);
    failure.replaceChildren(note('bad', T.savedFailed, h('p', {}, foreign(problem.message)), advice ? h('p', {}, T.whatToDo, advice) : ''));
    if (fields[key]) wrong(fields[key], advice || problem.message, true);
    drawAfter({ connected: false });
  }
}

/** Which field is wrong, and what to do about it. */
function credentialAdvice(problem) {
  const info = problem.data?.errorInfo;
  const said = problem.message.toLowerCase();
  const key = problem.data?.field ?? (/account ?sid/.test(said) ? 'accountSid' : /auth ?token/.test(said) ? 'authToken'
    : /phone ?number/.test(said) ? 'phoneNumber' : info?.code === 'NOT_FOUND' ? 'accountSid' : /UNAUTHORIZED|FORBIDDEN|INVALID_CREDENTIALS/.test(info?.code ?? '') ? 'authToken' : null);
  const isToken = key === 'authToken' && info?.code === 'UNAUTHORIZED';
  return { key, advice: isToken ? T.wrongToken : key === 'accountSid' ? T.wrongSid : info?.advice ?? (T.actions[info?.action] || '') };
}

/** The choice of a number, the test text, the webhooks, and the end of the connection. */
async function connectedPart(place, saved, view) {
  place.replaceChildren(loading());
  const numbers = await get('numbers', view).catch(() => null);
  if (view.signal.aborted) return;
  place.replaceChildren(
    h('div', { class: 'columns' }, numberPart(numbers?.items ?? [], saved, view), testPart(view)),
    ...(app.me.webhooks ? [hooksPart(app.me.webhooks)] : []),
    disconnectPart(view));
}

function numberPart(numbers, saved, view) {
  const current = saved.shown?.phoneNumber ?? app.account?.from ?? '';
  if (!numbers.length) return h('section', { class: 'card' }, h('h2', {}, T.numberTitle), h('p', {}, T.numberNone));
  const choices = numbers.map((one) => [one.number, one.friendlyName && one.friendlyName !== one.number ? `${one.number} (${one.friendlyName})` : one.number]);
  if (!numbers.some((one) => one.number === current)) choices.unshift([current, current || T.numberChoose]);
  const select = field({ key: 'phoneNumber', label: T.numberTitle, type: 'select', choices, help: T.numberHelp, value: current });
  const save = button(T.save);
  save.append(h('span', { class: 'unseen' }, ` ${T.numberTitle}`));
  save.addEventListener('click', () => busy(save, async () => {
    const changed = await act(() => call('PATCH', `credentials/${PROVIDER}`, { json: { phoneNumber: select.input.value }, signal: view.signal }), save, { phoneNumber: select });
    if (changed) say(save, T.numberSaved, 'good');
    loadAccount();
  }));
  return h('section', { class: 'card form' }, h('h2', {}, T.numberTitle), select.element, h('div', { class: 'row' }, save));
}

function testPart(view) {
  const to = field({ key: 'to', label: T.testTo, type: 'tel', required: true, isNumber: true, placeholder: '+15551234567', autocomplete: 'tel' });
  const send = button(T.testButton);
  send.type = 'submit';
  const form = h('form', { class: 'form', novalidate: true }, to.element, h('div', { class: 'row' }, send));
  if (!may('send')) disable(send, to.input.getAttribute('aria-describedby'));
  const why = may('send') ? '' : h('p', { class: 'soft small' }, T.needsRole('send'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!may('send') || !checkFields([to])) return;
    askAndSend({ kind: 'text', path: 'actions/twilio/send-sms', fields: { to: to.input.value.trim(), body: T.testBody }, to: to.input.value.trim(), shownIn: 'test' });
  });
  return h('section', { class: 'card form' }, h('h2', {}, T.testTitle), h('p', { class: 'soft' }, T.testHelp), form, why, itemList(view, (item) => item.shownIn === 'test', null));
}

function hooksPart(hooks) {
  const rows = Object.entries(T.hooks).filter(([key]) => hooks[key]);
  return h('section', { class: 'card' }, h('h2', {}, T.hooksTitle), h('p', { class: 'soft' }, T.hooksHelp),
    h('dl', { class: 'facts' }, ...rows.flatMap(([key, label]) => [h('dt', {}, label), h('dd', {}, h('code', {}, hooks[key]))])));
}

function disconnectPart(view) {
  const test = button(T.testAgain, () => busy(test, async () => {
    const answer = await act(() => post(`credentials/${PROVIDER}/test`, {}, view), test);
    if (answer) say(test, answer.status, 'good');
    loadAccount();
  }));
  const end = button(T.disconnect, async () => {
    if (!await ask({ title: T.disconnectAsk, body: [h('p', {}, T.disconnectMore)], yes: T.disconnect, isDanger: true })) return;
    if (!await act(() => call('DELETE', `credentials/${PROVIDER}`, { signal: view.signal }).then(() => true), end)) return;
    loadAccount();
    show(true);
  }, 'danger');
  return h('div', { class: 'row apart' }, test, end);
}

// ---------------------------------------------------------------------------------------------------------------------
// Sending: one confirmed text is one key, and one key is at most one text
// ---------------------------------------------------------------------------------------------------------------------

/** After a final answer the same draft keeps its key for so long: a second click or a second tab is not a second text. */
const GRACE = 10_000;
/** A draft that nobody asks about any more is forgotten after a week. */
const KEPT = 7 * 24 * 3_600_000;
const PENDING = 'switchboard.pending.';
const SENT = 'switchboard.sent';

/** Asks for confirmation, then sends. The key is made before the question is shown. */
async function askAndSend(draft, onAnswer) {
  if (document.querySelector('dialog[open]') || askAndSend.isAsking) return null;
  askAndSend.isAsking = true;
  try {
    const record = await keyFor(draft);
    if (!await confirmSend(draft, record)) return null;
    const item = newItem(draft, record);
    deliver(item).then(() => onAnswer?.(item));
    return item;
  } finally {
    askAndSend.isAsking = false;
  }
}

async function confirmSend(draft, record) {
  const isText = draft.kind === 'text';
  const isOpen = record.isUsed && !record.endedAt;
  const rows = [
    [T.confirmTo, foreign(draft.to)],
    [T.confirmFrom, foreign(draft.fields.from ?? T.fromDefault(app.account?.from))],
    [isText ? T.confirmBody : T.confirmSay, h('span', { class: 'lines' }, foreign(draft.fields.body ?? draft.fields.say ?? ''))],
  ];
  const size = h('div', { class: 'meter' });
  const body = [
    h('dl', { class: 'facts' }, ...rows.flatMap(([label, value]) => [h('dt', {}, label), h('dd', {}, value)])),
    ...(isText ? [size] : []),
    ...(isOpen ? [note('warn', T.underWay)] : record.endedAt ? [note('', T.twice)] : []),
  ];
  if (isText && app.me.outbox) previewOf(draft.fields).then((preview) => size.replaceChildren(...previewParts(preview)), () => {});
  return ask({ title: isText ? T.confirmSms : T.confirmCall, body, yes: isOpen ? T.check : isText ? T.sendNow : T.callNow, no: T.back });
}

/**
 * The key of a draft. It stands in localStorage under a hash of the draft, so that a reload and other tabs find it, until there
 * is a final answer, and for GRACE after it.
 */
async function keyFor(draft) {
  const name = PENDING + hash(JSON.stringify([app.me.tenant, app.me.user, draft.path, Object.entries(draft.fields).sort()]));
  return alone(name, async () => {
    let record = readStored(localStorage, name);
    if (record?.isUsed && record.id && !record.endedAt) record = await settledRecord(name, record);
    if (!record || (record.endedAt && Date.now() - record.endedAt > GRACE)) record = { name, key: newKey(), at: Date.now(), id: null, isUsed: false, endedAt: null };
    writeStored(localStorage, name, record);
    return record;
  });
}

/** Of what was unknown before, it may be known meanwhile what became of it: then the same draft is a new text. */
async function settledRecord(name, record) {
  try {
    const message = await get(`messages/${record.id}`);
    return ['ready', 'sending', 'unknown', 'parked'].includes(message.state) ? record : null;
  } catch {
    return record;
  }
}

/** Two tabs that look for a key at once do so one after the other, where the browser can. */
function alone(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : work();
}

function changeRecord(item, change) {
  const record = readStored(localStorage, item.name);
  if (record?.key !== item.key) return;
  writeStored(localStorage, item.name, change ? { ...record, ...change } : null);
}

function newItem(draft, record) {
  const known = app.items.find((item) => item.key === record.key);
  const item = known ?? {
    uid: newKey(), name: record.name, key: record.key, ...draft, owner: owner(), phase: 'sending', id: record.id, sid: null, status: null, stamps: {}, error: null,
    dueAt: null, warning: null, remark: null, isChecking: false,
  };
  if (!known) app.items.unshift(item);
  changeRecord(item, { isUsed: true });
  saveItems();
  return item;
}

/** Sends, or asks again under the same key: the server sends a key at most once, so this is also what “Check” may do. */
async function deliver(item) {
  change(item, { phase: 'sending', remark: null });
  const headers = app.me.outbox ? { 'Idempotency-Key': item.key } : {};
  try {
    const answer = await call('POST', item.path, { json: item.fields, headers, wait: 45_000 });
    ended(item);
    change(item, {
      id: answer.id ?? null, sid: answer.messageSid ?? answer.callSid ?? null, dueAt: answer.dueAt ?? null, warning: answer.warning ?? null,
      phase: answer.state ? 'waiting' : 'accepted', status: answer.state ? null : answer.status ?? 'queued',
    });
    watch(item);
  } catch (failure) {
    notSent(item, failure);
  }
}

function notSent(item, failure) {
  const id = failure.data?.id ?? item.id;
  const isUnknown = failure.data?.outcome === 'unknown' || failure.status === 0 || failure.status === 408 || failure.status >= 500;
  if (isUnknown) {
    changeRecord(item, { id });
    change(item, { id, phase: 'unknown', remark: failure.data?.state === 'parked' ? T.stillUnknownPark : null });
    if (id) watch(item);
  } else {
    // A refusal is final, but for 429: there nothing was asked yet, and the key stays.
    if (failure.status !== 429) changeRecord(item, null);
    const isConflict = failure.status === 409 && !failure.data?.state;
    change(item, { id, phase: 'refused', error: { ...failure.data?.errorInfo, message: isConflict ? T.conflict : failure.message, isLater: failure.status === 429 } });
  }
}

/** The last answer was given: the key may be forgotten after the grace. */
function ended(item) {
  changeRecord(item, { endedAt: Date.now() });
}

/** Looks what became of it. Without an id only the same request with the same key can say so, and it never sends twice. */
async function check(item, isQuiet) {
  if (!item.id) return deliver(item);
  change(item, { isChecking: !isQuiet });
  try {
    const message = await get(`messages/${item.id}`);
    change(item, { isChecking: false });
    take(item, message, isQuiet);
  } catch (failure) {
    change(item, { isChecking: false, ...(isQuiet ? {} : { remark: failure.message }) });
  }
}

/** Takes over the state of a message. */
function take(item, message, isQuiet) {
  const phases = { ready: 'waiting', sending: 'waiting', unknown: 'unknown', parked: 'unknown', accepted: 'accepted', abandoned: 'ended' };
  const phase = phases[message.state] ?? 'refused';
  const remark = phase !== 'unknown' ? null : message.state === 'parked' ? T.stillUnknownPark : isQuiet ? item.remark : T.stillUnknown;
  const error = message.error ?? (phase === 'refused' ? { message: T.states[message.state] } : null);
  if (phase !== 'unknown' && phase !== 'waiting' && item.phase === 'unknown') ended(item);
  const change_ = { phase, remark, error, sid: message.sid ?? item.sid, to: item.to ?? message.to, dueAt: message.dueAt };
  if (phase === 'accepted') change_.status = later(item.status, message.status ?? 'queued', item.kind);
  change(item, change_);
}

const RANKS = { text: ['accepted', 'scheduled', 'queued', 'sending', 'sent', 'undelivered', 'failed', 'canceled', 'delivered', 'read'], call: ['queued', 'initiated', 'ringing', 'in-progress', 'busy', 'no-answer', 'failed', 'canceled', 'completed'] };
const FINAL = new Set(['delivered', 'undelivered', 'failed', 'read', 'canceled', 'completed', 'busy', 'no-answer']);
const BAD = new Set(['undelivered', 'failed', 'canceled', 'busy', 'no-answer']);

/** Reports of a status may overtake each other: the later one counts. */
function later(before, now, kind) {
  return RANKS[kind].indexOf(now) >= RANKS[kind].indexOf(before) ? now : before;
}

function change(item, changes) {
  const before = itemText(item);
  Object.assign(item, changes);
  if (item.phase === 'accepted' && item.status && !item.stamps[item.status]) item.stamps[item.status] = new Date().toISOString();
  saveItems();
  const now = itemText(item);
  if (now !== before) announce(`${T.itemTo[item.kind]} ${item.to ?? ''}: ${now}`);
  for (const draw of app.view?.drawItems ?? []) draw();
}

/** Looks again and again, every two seconds without events, until it is known what became of it. */
async function watch(item) {
  if (item.isWatched || !item.id) return;
  item.isWatched = true;
  for (let looks = 0; looks < 300 && app.items.includes(item); looks += 1) {
    if (isOver(item)) break;
    await sleep(looks > 0 && app.live === 'open' && item.phase === 'accepted' ? 8_000 : 2_000);
    if (!document.hidden && !isOver(item) && app.items.includes(item)) await check(item, true);
  }
  item.isWatched = false;
}

const isOver = (item) => item.phase === 'refused' || item.phase === 'ended' || (item.phase === 'accepted' && FINAL.has(item.status));

/** What a notice says about something that was sent from here. */
function noticeOfItem({ name, payload }) {
  if (!/^twilio\.(sms|call)\.status$/.test(name)) return;
  const item = app.items.find((one) => (payload.id && one.id === payload.id) || (one.sid && one.sid === (payload.messageSid ?? payload.callSid)));
  if (!item) return;
  if (payload.status) change(item, { phase: 'accepted', status: later(item.status, payload.status, item.kind), error: payload.error ?? null, remark: null });
  else if (payload.state) check(item, true);
}

/** After a reload: what was sent from this tab, and what was being sent. */
function restoreItems() {
  const stored = readStored(sessionStorage, SENT) ?? [];
  app.items = stored.filter((item) => item.owner === owner()).map((item) => ({ ...item, isWatched: false, isChecking: false }));
  for (const item of app.items) {
    if (item.phase === 'sending') Object.assign(item, { phase: 'unknown', remark: T.interruptedMore, isInterrupted: true });
    if (item.id && !isOver(item)) check(item, true).then(() => watch(item));
  }
  const isOld = (record) => !record || Date.now() - record.at > KEPT || (record.endedAt && Date.now() - record.endedAt > GRACE);
  for (const name of storedNames(PENDING)) if (isOld(readStored(localStorage, name))) writeStored(localStorage, name, null);
}

function saveItems() {
  writeStored(sessionStorage, SENT, app.items.slice(0, 20).map(({ isWatched, ...item }) => item));
}

const forgetItems = () => writeStored(sessionStorage, SENT, null);
const owner = () => JSON.stringify([app.me.tenant, app.me.user]);

// What was sent, as cards

function itemList(view, isShown, empty) {
  const list = h('ul', { class: 'list', role: 'list' });
  const none = h('p', { class: 'soft', hidden: empty === null }, empty ?? '');
  const draw = () => {
    const items = app.items.filter(isShown);
    sync(list, items, (item) => item.uid, itemCard);
    none.hidden = empty === null || items.length > 0;
    list.hidden = items.length === 0;
  };
  (view.drawItems ??= []).push(draw);
  draw();
  return h('div', {}, none, list);
}

function itemCard(item) {
  const details = item.id ? link(`messages/${item.id}`, { class: 'small' }, T.details) : '';
  const body = item.fields.body ?? item.fields.say;
  return h('li', { class: 'item' },
    h('div', { class: 'line' }, h('span', { class: 'title' }, `${T.itemTo[item.kind]} `, foreign(item.to ?? '')), details),
    body ? h('p', { class: 'excerpt' }, foreign(body)) : '', ...itemState(item));
}

function itemState(item) {
  if (item.phase === 'sending') return [h('p', {}, chip('busy', 'wait', T.sendingNow))];
  if (item.phase === 'waiting') return [h('p', {}, chip('busy', 'wait', T.states.ready), ' ', ...(item.dueAt ? [T.waitsUntil, time(item.dueAt), '.'] : [T.waits]))];
  if (item.phase === 'unknown') return [unknownNote(item)];
  if (item.phase === 'ended') return [h('p', {}, stateChip('abandoned'))];
  if (item.phase === 'refused') return [errorNote(item.error, item.error.isLater ? T.refusedLater : T.refused)];
  const parts = [way(item)];
  if (item.warning) parts.push(note('warn', foreign(T.warning + item.warning)));
  if (BAD.has(item.status)) parts.push(item.error ? errorNote(item.error, T.undeliveredTitle) : note('bad', T.undeliveredTitle));
  return parts;
}

/** It may have been sent, so the only thing to do is to look. */
function unknownNote(item) {
  const more = !app.me.outbox ? T.unknownNoOutbox : item.remark ?? T.unknownMore;
  const look = button(item.isChecking ? T.checking : T.check, () => !item.isChecking && check(item), 'main');
  return note('warn', item.isInterrupted ? T.interrupted : T.unknown, h('p', {}, more), app.me.outbox ? h('div', { class: 'row' }, look) : '');
}

/** Queued, sent, delivered: what was reached, and when. */
function way(item) {
  const rank = RANKS[item.kind].indexOf(item.status);
  const isBad = BAD.has(item.status);
  const steps = T.steps[item.kind].map(([word, label]) => {
    const isDone = (item.stamps[word] || RANKS[item.kind].indexOf(word) <= rank) && !(isBad && FINAL.has(word)) && !(isBad && !item.stamps[word] && word !== 'queued');
    return h('li', { class: isDone ? 'done' : null }, icon(isDone ? 'check' : 'dot', 14), label, item.stamps[word] ? h('span', { class: 'number' }, clockSeconds(item.stamps[word])) : '', isDone ? '' : h('span', { class: 'unseen' }, '…'));
  });
  if (isBad) steps.splice(-1, 1, h('li', { class: 'failed' }, icon('cross', 14), T.statuses[item.status]));
  return h('ol', { class: 'way', role: 'list' }, ...steps);
}

function itemText(item) {
  if (item.phase === 'accepted') return T.statuses[item.status] ?? item.status ?? '';
  return { sending: T.sendingNow, waiting: T.states.ready, unknown: T.unknown, ended: T.states.abandoned, refused: `${T.refused}. ${item.error?.message ?? ''}` }[item.phase];
}

// ---------------------------------------------------------------------------------------------------------------------
// Widgets: made from their definitions
// ---------------------------------------------------------------------------------------------------------------------

/** What is longer than a line. */
const LONG = new Set(['body', 'say']);

function widget(definition, numbers, view) {
  const isCall = /make-call/.test(definition.type);
  const fields = {};
  for (const one of definition.display.fields) fields[one.key] = field({ ...one, type: LONG.has(one.key) ? 'textarea' : one.key === 'to' ? 'tel' : one.type, required: one.required ?? true, isNumber: one.key === 'to', help: one.helpText });
  const can = numbers.filter((one) => (isCall ? one.voice : one.sms));
  const from = field({ key: 'from', label: T.from, type: 'select', choices: [['', T.fromDefault(app.account?.from)], ...can.map((one) => [one.number, one.number])] });
  const purpose = field({ key: 'purpose', label: T.purpose, type: 'select', choices: Object.entries(T.purposes) });
  const meter = h('div', { class: 'meter', id: newId() });
  const state = { definition, fields, from, purpose: isCall ? null : purpose, meter, view, filled: {}, notices: h('div', { role: 'status' }), isCall };
  const send = button(definition.display.actions[0]?.label ?? (isCall ? T.callButton : T.views.send[0]), null, 'main');
  send.type = 'submit';
  const isTextual = !isCall && fields.body && app.me.outbox;
  if (isTextual) describe(fields.body.input, meter.id);
  const form = h('form', { class: 'form', novalidate: true }, state.notices, ...Object.values(fields).map((one) => one.element), isTextual ? meter : '',
    can.length > 1 ? from.element : '', isCall ? '' : purpose.element, h('div', { class: 'row' }, send));
  const title = newId();
  const element = h('section', { class: 'card', 'aria-labelledby': title }, h('h2', { id: title }, definition.name), h('p', { class: 'soft small' }, definition.description), form);
  listenTo(element, form, state);
  return element;
}

/**
 * The button fires the event of the definition, which stays inside the widget (`sms.send`) and asks for confirmation. What is
 * confirmed is also told to the page around it, under the name of `events.onSubmit`.
 */
function listenTo(element, form, state) {
  const { definition, view } = state;
  const event = definition.display.actions[0]?.event ?? 'send';
  form.addEventListener('submit', (submitted) => {
    submitted.preventDefault();
    if (checkFields(Object.values(state.fields))) element.dispatchEvent(new CustomEvent(event));
  });
  element.addEventListener(event, async () => {
    const item = await askAndSend(draftOf(state), (sent) => clearSent(state, sent));
    if (!item) return;
    state.notices.replaceChildren();
    emit(definition, item.fields);
  });
  const look = debounce(() => drawMeter(state), 400);
  form.addEventListener('input', look);
  state.look = look;
  (view.subscribers ??= []).push((notice) => autoFill(state, notice));
}

/** What was sent leaves the form, unless somebody has changed it meanwhile. */
function clearSent(state, item) {
  const isSame = JSON.stringify(draftOf(state).fields) === JSON.stringify(item.fields);
  if (!isSame || !['accepted', 'waiting'].includes(item.phase)) return;
  for (const { input } of Object.values(state.fields)) input.value = '';
  state.filled = {};
  state.asked = null;
  state.meter.replaceChildren();
}

function draftOf({ definition, fields, from, purpose, isCall }) {
  const values = Object.fromEntries(Object.values(fields).map(({ key, input }) => [key, LONG.has(key) ? input.value : input.value.trim()]));
  for (const extra of [from, purpose]) if (extra?.input.value) values[extra.key] = extra.input.value;
  return { kind: isCall ? 'call' : 'text', path: `actions/${definition.provider}/${definition.type.replace(`${definition.provider}-`, '')}`, fields: values, to: values.to, shownIn: 'send' };
}

function emit({ events }, fields) {
  if (!events?.onSubmit) return;
  const { eventName, payload, source } = events.onSubmit;
  const detail = { name: eventName, source, payload: Object.fromEntries(payload.filter((key) => key in fields).map((key) => [key, fields[key]])) };
  window.dispatchEvent(new CustomEvent(eventName, { detail }));
}

// Auto-fill

/** Fills what a notice suggests into the fields. It never sends, and what somebody has typed stays until they say so. */
function autoFill(state, notice) {
  const subscription = state.definition.subscriptions?.find((one) => one.action === 'auto-fill' && matches(one.pattern, notice.name));
  if (!subscription) return;
  const { values, missingFields } = suggestion(subscription.autoFillMapping, notice.payload);
  const keys = Object.keys(values).filter((key) => state.fields[key]);
  if (!keys.length) return;
  const isTyped = keys.some((key) => state.fields[key].input.value !== '' && state.fields[key].input.value !== state.filled[key]);
  if (isTyped || document.querySelector('dialog[open]')) offer(state, notice, keys, values);
  else fill(state, notice, keys, values, missingFields);
}

function suggestion(mapping, payload) {
  const missingFields = [];
  const read = (name) => {
    const value = Object.hasOwn(payload ?? {}, name) ? payload[name] : null;
    if (value === null || typeof value === 'object') missingFields.push(name);
    return value === null || typeof value === 'object' ? '' : String(value);
  };
  // Without `{{` it is the name of a field, with it a template.
  const values = Object.entries(mapping).map(([key, value]) => [key, value.includes('{{') ? value.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, name) => read(name)) : read(value)]);
  return { values: Object.fromEntries(values.filter(([, value]) => value !== '')), missingFields };
}

function fill(state, notice, keys, values, missingFields = []) {
  const before = Object.fromEntries(keys.map((key) => [key, state.fields[key].input.value]));
  for (const key of keys) {
    state.fields[key].input.value = values[key];
    state.filled[key] = values[key];
    wrong(state.fields[key], '');
  }
  const undo = button(T.autoFillUndo, () => {
    for (const key of keys) state.fields[key].input.value = before[key];
    state.notices.replaceChildren();
    state.look();
    state.fields[keys[0]].input.focus();
  });
  const more = missingFields.length ? [h('p', {}, foreign(T.autoFillMissing(missingFields.join(', '))))] : [];
  state.notices.replaceChildren(note('', foreign(T.autoFilled(notice.name)), ...more, h('div', { class: 'row' }, undo)));
  state.look();
}

function offer(state, notice, keys, values) {
  const use = button(T.autoFillUse, () => {
    fill(state, notice, keys, values);
    state.fields[keys[0]].input.focus();
  });
  const away = button(T.dismiss, () => {
    state.notices.replaceChildren();
    state.fields[keys[0]].input.focus();
  }, 'plain');
  state.notices.replaceChildren(note('warn', foreign(T.autoFillKept(notice.name)), ...keys.map((key) => h('p', { class: 'small' }, foreign(values[key]))), h('div', { class: 'row' }, use, away)));
}

/** `a.b` is itself, `*` one part, `**` the rest. */
function matches(pattern, name) {
  const [wanted, parts] = [pattern.split('.'), name.split('.')];
  for (let i = 0; i < wanted.length; i += 1) {
    if (wanted[i] === '**') return true;
    if (i >= parts.length || (wanted[i] !== '*' && wanted[i] !== parts[i])) return false;
  }
  return wanted.length === parts.length;
}

// Segments and cost

async function drawMeter(state) {
  const { fields, meter } = state;
  if (!fields.body || state.isCall || !app.me?.outbox || state.view.signal.aborted) return;
  const draft = draftOf(state);
  state.asked = draft;
  if (!draft.fields.body) return meter.replaceChildren();
  // Segments do not depend on the recipient, so they are counted before one is entered; what the rules say is not shown then.
  const isNumber = E164.test(draft.fields.to);
  const to = isNumber ? draft.fields.to : app.account?.from;
  if (!to) return meter.replaceChildren();
  try {
    const preview = await previewOf({ ...draft.fields, to }, state.view);
    if (state.asked === draft) meter.replaceChildren(...previewParts(isNumber ? preview : { text: preview.text }, draft.fields.body));
  } catch (failure) {
    if (state.asked === draft && !failure.isGone) meter.replaceChildren(h('span', {}, failure.status === 400 ? foreign(failure.message) : T.previewFailed));
  }
}

function previewOf({ to, body, from, purpose }, view) {
  return post('actions/twilio/preview', { to, body, ...(from ? { from } : {}), ...(purpose ? { purpose } : {}) }, view);
}

function previewParts(preview, body) {
  const parts = [];
  if (preview.text) {
    const { segments, encoding, nonGsm } = preview.text;
    parts.push(h('span', { class: 'number' }, T.segments(segments)), h('span', {}, T.encodings[encoding] ?? encoding));
    if (body) parts.unshift(h('span', { class: 'number' }, T.characters([...body].length)));
    if (nonGsm) parts.push(h('span', {}, ...T.forces(character(nonGsm.character), nonGsm.index), T.instead(nonGsm.instead, nonGsm.saves)));
  }
  if (preview.cost) parts.push(h('span', { class: 'number' }, estimateText(preview.cost)));
  for (const row of preview.cost?.unpriced ?? []) parts.push(h('span', {}, foreign(row.reason)));
  if (preview.decision === 'defer') parts.push(h('span', {}, T.willWait, time(preview.until), ': ', foreign(preview.because.reason)));
  if (preview.decision === 'block') parts.push(note('warn', T.willBlock, foreign(preview.because.reason)));
  for (const found of findingsOf(preview)) parts.push(note('warn', foreign(found.concern), h('p', { class: 'small' }, foreign(found.instead ?? ''))));
  return parts;
}

const findingsOf = (preview) => (Array.isArray(preview.findings) ? preview.findings : preview.findings?.findings ?? []);

function estimateText(cost) {
  const isPriced = (cost.byCountry ?? []).length > 0 || Number(cost.total) > 0;
  return isPriced ? T.cost(money(cost.total, cost.currency)) : T.unpriced;
}

// ---------------------------------------------------------------------------------------------------------------------
// Parts of views
// ---------------------------------------------------------------------------------------------------------------------

function heading(text, lead) {
  return h('div', { class: 'head' }, h('div', {}, h('h1', { tabindex: '-1' }, text), lead ? h('p', { class: 'lead' }, lead) : ''));
}

/** A form that is not needed every day. */
function folded(title, ...children) {
  return h('details', { class: 'card folded' }, h('summary', {}, title), ...children);
}

/** A list that is read in pages: loading, empty, failed, filled, and “Load more”. */
function pagedList(view, { label, load, find, key, draw, empty, isReversed }) {
  const list = h('ul', { class: isReversed ? 'bubbles' : 'list', role: 'list', 'aria-label': label });
  const place = h('div');
  const more = button(isReversed ? T.earlier : T.loadMore, () => grow());
  const foot = h('div', { class: 'more' }, more);
  const self = { element: isReversed ? h('div', {}, foot, place, list) : h('div', {}, place, list, foot), onDrawn: null, found: null, items: () => items };
  let items = [];
  let next = null;
  let run = 0;

  const read = async (after, limit) => {
    // A page may be empty and still have a next one.
    for (let tries = 0; ; tries += 1) {
      const page = self.found && find ? await find(self.found, { limit, ...(after ? { after } : {}) }) : await load(`limit=${limit}${after ? `&after=${encodeURIComponent(after)}` : ''}`);
      if (page.items.length || !page.next || tries === 4) return page;
      after = page.next;
    }
  };
  const paint = () => {
    const newest = items[0] && String(key(items[0]));
    const isGrown = newest !== undefined && newest !== self.newest;
    self.newest = newest;
    sync(list, isReversed ? items.toReversed() : items, key, draw);
    const nothing = self.found ? T.noneFound : typeof empty === 'function' ? empty() : empty;
    place.replaceChildren(...(items.length ? [] : [emptyNote(...(next ? T.noMessagesLoaded : nothing))]));
    list.hidden = !items.length;
    foot.hidden = !next;
    self.onDrawn?.(isGrown);
  };
  const take = (page, kept = []) => {
    const known = new Set(page.items.map((item) => String(key(item))));
    items = [...page.items, ...kept.filter((item) => !known.has(String(key(item))))];
    if (!kept.length) next = page.next ?? null;
    paint();
  };
  self.restart = async () => {
    const mine = run += 1;
    items = [];
    next = null;
    self.newest = undefined;
    sync(list, [], key, draw);
    list.hidden = foot.hidden = true;
    place.replaceChildren(loading());
    try {
      const page = await read(null, 50);
      if (mine === run) take(page);
    } catch (failure) {
      if (mine === run) showFailure(place, failure, view, self.restart);
    }
  };
  /** Reads again what is shown. What is already there stays as it is, with the focus. */
  self.refresh = async () => {
    const mine = run += 1;
    const size = Math.min(200, Math.max(50, items.length));
    try {
      const page = await read(null, size);
      if (mine === run) take(page, items.slice(size));
    } catch (failure) {
      if (mine === run && !items.length) showFailure(place, failure, view, self.restart);
    }
  };
  const grow = () => busy(more, async () => {
    const mine = run;
    const page = await act(() => read(next, 50), more);
    if (!page || mine !== run) return;
    const known = new Set(items.map((item) => String(key(item))));
    const fresh = page.items.filter((item) => !known.has(String(key(item))));
    items = [...items, ...fresh];
    next = page.next ?? null;
    paint();
    announce(T.loaded(fresh.length));
    if (foot.hidden) (isReversed ? list.firstElementChild : list.lastElementChild)?.querySelector('a, button')?.focus();
  });
  foot.hidden = true;
  return self;
}

/** A list of messages follows the notices about single messages. */
function followList(view, list) {
  view.refresh = list.refresh;
  list.restart();
  const soon = debounce(() => list.refresh(), 400);
  view.onNotice = ({ name }) => /^twilio\.(sms|call)\./.test(name) && soon();
}

function searchForm(label, list, ...more) {
  const box = field({ key: 'search', label, type: 'tel', placeholder: '+14155551234', isNumber: true, required: true });
  const find = button(T.search);
  find.type = 'submit';
  const all = button(T.showAll, () => {
    box.input.value = '';
    wrong(box, '');
    list.found = null;
    all.hidden = true;
    list.restart();
    box.input.focus();
  }, 'plain');
  all.hidden = true;
  const form = h('form', { class: 'search', role: 'search', novalidate: true }, box.element, find, all, ...more);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!checkFields([box])) return;
    list.found = box.input.value.trim();
    all.hidden = false;
    list.restart();
  });
  return form;
}

const E164 = /^\+[1-9]\d{6,14}$/;

/** A field with its label, help and error, tied together for screen readers. */
function field({ key, label, type, required, placeholder, help, choices, value, isNumber, autocomplete, accept }) {
  const id = newId();
  const attributes = { id, name: key, placeholder: placeholder ?? null, 'aria-required': required ? 'true' : null, autocomplete: autocomplete ?? 'off', dir: type === 'textarea' || type === 'text' ? 'auto' : null };
  const input = type === 'textarea' ? h('textarea', { ...attributes, rows: 4 })
    : type === 'select' ? h('select', { id, name: key }, ...choices.map(([one, text]) => h('option', { value: one }, plain(text))))
      : h('input', { ...attributes, type, autocomplete: type === 'password' ? 'new-password' : type === 'file' ? null : attributes.autocomplete, accept: accept ?? null, min: type === 'number' ? 1 : null, spellcheck: type === 'text' || type === 'tel' ? 'false' : null });
  if (value !== undefined) input.value = value;
  const hint = help ? h('p', { class: 'help', id: `${id}-help` }, help) : '';
  const error = h('p', { class: 'wrong', id: `${id}-wrong` });
  input.setAttribute('aria-describedby', `${help ? `${id}-help ` : ''}${id}-wrong`);
  return { key, label, input, error, required, isNumber, element: h('div', { class: 'field' }, h('label', { for: id }, label), input, hint, error) };
}

function describe(input, id) {
  input.setAttribute('aria-describedby', `${input.getAttribute('aria-describedby') ?? ''} ${id}`.trim());
}

function wrong({ input, error }, text, hasFocus) {
  error.replaceChildren(text ? foreign(text) : '');
  if (text) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
  if (hasFocus) input.focus();
}

/** Marks what is missing or malformed, and moves the focus to the first of it. */
function checkFields(fields) {
  let first = null;
  for (const one of fields) {
    const value = one.input.value.trim();
    const text = one.required && !value ? T.required(one.label) : one.isNumber && value && !E164.test(value.replace(/^[a-z]+:/, '')) ? T.badNumber : '';
    wrong(one, text);
    if (text) first ??= one;
  }
  first?.input.focus();
  return !first;
}

function button(text, click, looks) {
  const self = h('button', { type: 'button', class: looks || null }, text);
  if (click) self.addEventListener('click', click);
  return self;
}

/** A disabled button stays reachable by keyboard, and says why it is off. */
function disable(self, reasonId) {
  self.setAttribute('aria-disabled', 'true');
  if (reasonId) self.setAttribute('aria-describedby', reasonId);
}

function enable(self) {
  self.removeAttribute('aria-disabled');
  self.removeAttribute('aria-describedby');
}

/** Works once: further clicks do nothing until it is done. */
async function busy(self, work, text) {
  if (self.getAttribute('aria-busy') === 'true') return;
  const shown = [...self.childNodes];
  self.setAttribute('aria-busy', 'true');
  if (text) {
    self.replaceChildren(text);
    announce(text);
  }
  try {
    await work();
  } finally {
    self.removeAttribute('aria-busy');
    if (text) self.replaceChildren(...shown);
  }
}

/** Does something, and shows beside the button why it failed, or at the field that is wrong. */
async function act(work, self, fields = {}) {
  try {
    const answer = await work();
    say(self, '');
    return answer;
  } catch (failure) {
    if (failure.isGone) return null;
    const name = failure.data?.field;
    if (fields[name]) wrong(fields[name], failure.message, true);
    else say(self, failureNote(failure), 'bad');
    return null;
  }
}

/** Says something below a button. */
function say(self, what, looks) {
  const place = self.closest('.row') ?? self;
  let spoken = place.nextElementSibling;
  if (!spoken?.classList.contains('spoken')) {
    spoken = h('div', { class: 'spoken', role: 'status' });
    place.after(spoken);
  }
  spoken.replaceChildren(...(what === '' ? [] : [typeof what === 'string' ? note(looks, what) : what]));
}

/** Asks in a dialog. Escape and the second button are “no”; the focus starts at the question, so that no key press goes through. */
function ask({ title, body, yes, no = T.cancel, isDanger }) {
  return new Promise((answer) => {
    const id = newId();
    const question = h('h2', { id, tabindex: '-1', autofocus: true }, ...(typeof title === 'string' ? [foreign(title)] : title));
    const dialog = h('dialog', { 'aria-labelledby': id });
    const end = (word) => () => dialog.close(word);
    dialog.append(h('div', { class: 'stack' }, question, ...body, h('div', { class: 'buttons' }, button(no, end('')), button(yes, end('yes'), isDanger ? 'danger' : 'main'))));
    dialog.addEventListener('close', () => {
      dialog.remove();
      answer(dialog.returnValue === 'yes' && !app.isSignedOut);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function note(looks, title, ...more) {
  return h('div', { class: `note ${looks}` }, more.length ? h('strong', {}, title) : h('p', {}, title), ...more);
}

function emptyNote(title, more) {
  return h('div', { class: 'empty' }, h('strong', {}, title), more ?? '');
}

function loading() {
  return h('p', { class: 'soft row' }, icon('wait', 18, 'spin'), T.loading);
}

function showFailure(place, failure, view, again = () => show(false)) {
  if (failure.isGone || view.signal.aborted) return;
  place.replaceChildren(failed(failure, again));
}

function failed(failure, again) {
  return h('div', { role: 'alert' }, note('bad', T.failedLoad, h('p', {}, foreign(failure.message)), h('div', { class: 'row' }, button(T.retry, again))));
}

/** What went wrong, what to do, and where to read more. */
function errorNote(error, title) {
  const code = error.details?.twilioCode ?? null;
  const todo = error.advice ?? T.actions[error.action];
  const info = error.details?.moreInfo;
  const more = [];
  if (title) more.push(h('p', {}, foreign(error.message ?? '')));
  if (todo) more.push(h('p', {}, T.whatToDo, foreign(todo)));
  if (error.details?.console) more.push(h('p', {}, T.inConsole, foreign(error.details.console)));
  if (/^https:\/\//.test(info ?? '')) more.push(h('p', { class: 'small' }, h('a', { href: info, target: '_blank', rel: 'noreferrer' }, T.moreInfo(code), h('span', { class: 'unseen' }, ` ${T.newTab}`))));
  return note('bad', title ?? foreign(error.message ?? ''), ...more);
}

function failureNote(failure) {
  return errorNote({ ...failure.data?.errorInfo, message: failure.message });
}

function chip(looks, picture, text) {
  return h('span', { class: `chip ${looks}` }, picture ? icon(picture, 14) : '', text);
}

const LOOKS = {
  good: ['check', ['delivered', 'read', 'completed', 'received']],
  busy: ['wait', ['queued', 'sending', 'sent', 'accepted', 'scheduled', 'initiated', 'ringing', 'in-progress', 'ready']],
  warn: ['question', ['unknown', 'parked', 'no-answer', 'busy', 'expired', 'abandoned']],
  bad: ['cross', ['undelivered', 'failed', 'rejected', 'blocked', 'canceled', 'cancelled']],
};

const statusChip = (word) => wordChip(word, T.statuses[word]);
const stateChip = (word) => wordChip(word, T.states[word]);

function wordChip(word, text) {
  const [looks, [picture]] = Object.entries(LOOKS).find(([, [, words]]) => words.includes(word)) ?? ['', ['dot']];
  return chip(looks, picture, text ?? foreign(String(word)));
}

function table(caption, columns, rows) {
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, h('table', {}, h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ...columns.map((one) => h('th', { scope: 'col' }, one)))),
    h('tbody', {}, ...rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, cell)))))));
}

/** A link inside the page. */
function link(path, attributes, ...children) {
  return h('a', { href: `${BASE}/${path}`, 'data-link': '', ...attributes }, ...children);
}

// ---------------------------------------------------------------------------------------------------------------------
// Events: one stream a page
// ---------------------------------------------------------------------------------------------------------------------

let stream = null;
let streamTimer = null;

function openStream() {
  closeStream();
  if (!app.me.roles.view) return;
  if (!app.me.events) return setLive('off');
  stream = new EventSource(`${API}/events`);
  setLive('waiting');
  stream.addEventListener('open', () => {
    setLive('open');
    // What happened after the view was read and before the stream was there is in neither.
    app.view?.refresh?.();
  });
  stream.addEventListener('message', (event) => onNotice(event.data));
  stream.addEventListener('resync', resync);
  stream.addEventListener('error', () => {
    if (stream?.readyState === EventSource.CLOSED) lookAtStream();
    else setLive('waiting');
  });
}

function closeStream() {
  clearTimeout(streamTimer);
  stream?.close();
  stream = null;
}

/** The browser gave up and does not say why: the answer to the same request does. */
async function lookAtStream() {
  closeStream();
  const stop = new AbortController();
  let status = 0;
  try {
    const answer = await fetch(`${API}/events`, { signal: stop.signal, headers: { accept: 'text/event-stream' } });
    status = answer.status;
  } catch {
    lost(T.noAnswer);
  }
  stop.abort();
  if (status === 401) return signedOut();
  if (status === 403 || status === 404) return setLive('off');
  setLive(status === 429 ? 'full' : 'waiting');
  streamTimer = setTimeout(openStream, status === 429 ? 30_000 : 2_000 + Math.random() * 3_000);
}

/** Campaigns cause thousands of notices a second: those are not even parsed. */
const OF_CAMPAIGN = /"campaign":\s*\d/;
const OF_PROVIDER = /"name":\s*"twilio\./;

function onNotice(data) {
  if (OF_CAMPAIGN.test(data) && OF_PROVIDER.test(data)) return;
  let notice;
  try {
    notice = JSON.parse(data);
  } catch {
    return;
  }
  notice.payload ??= {};
  noticeOfItem(notice);
  if (notice.name === 'twilio.sms.received') announce(T.newText(notice.payload.from ?? ''));
  app.view?.onNotice?.(notice);
  for (const subscriber of app.view?.subscribers ?? []) subscriber(notice);
}

/** Some notices were dropped: what is shown is read again. */
function resync() {
  app.view?.refresh?.();
  for (const item of app.items) if (item.id && !isOver(item)) check(item, true);
}

function setLive(word) {
  if (app.live === word) return;
  app.live = word;
  document.getElementById('top').querySelector('.chip:not(.trial *)')?.replaceWith(liveChip());
  if (!document.getElementById('top').querySelector('.chip')) drawTop();
}

// ---------------------------------------------------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------------------------------------------------

/** A request that failed. The status is 0 if no answer came. `isGone`: nobody waits for it any more. */
class Failure extends Error {
  constructor(status, data, message) {
    super(message);
    Object.assign(this, { status, data, isGone: false });
  }
}

const get = (path, view) => call('GET', path, { signal: view?.signal });
const post = (path, json, view) => call('POST', path, { json, signal: view?.signal });

async function call(method, path, { json, raw, type, headers, signal, wait = 30_000 } = {}) {
  const limit = new AbortController();
  const stop = () => limit.abort();
  const timer = setTimeout(stop, wait);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  try {
    const answer = await fetch(`${API}/${path}`, {
      method, cache: 'no-store', credentials: 'same-origin', signal: limit.signal, body: raw ?? (json === undefined ? undefined : JSON.stringify(json)),
      headers: { accept: 'application/json', ...(raw || json !== undefined ? { 'content-type': type ?? 'application/json' } : {}), ...headers },
    });
    return await readAnswer(answer);
  } catch (failure) {
    throw failureOf(failure, signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

async function readAnswer(answer) {
  reached();
  if (answer.status === 204) return null;
  const text = await answer.text();
  let data = null;
  try {
    data = JSON.parse(text);
  } catch {
    if (answer.ok) throw new Failure(answer.status >= 500 ? answer.status : 0, null, T.unexpected(answer.status));
  }
  if (answer.ok) return data;
  // The provider's own 401 says that the credentials are wrong, not that nobody is signed in.
  const isProviders = data?.errorInfo?.provider || data?.id;
  const failure = new Failure(answer.status, data, data?.error ?? T.unexpected(answer.status));
  if (answer.status === 401 && !isProviders) {
    signedOut();
    failure.isGone = true;
  }
  if (answer.status === 429) failure.message = T.rateLimited(Number(answer.headers.get('retry-after')) || 1);
  throw failure;
}

function failureOf(failure, signal) {
  if (failure instanceof Failure) return failure;
  const gone = new Failure(0, null, T.noConnection);
  gone.isGone = Boolean(signal?.aborted);
  if (!gone.isGone) lost(navigator.onLine ? T.noAnswer : T.offline);
  return gone;
}

/** All pages of a short list. */
async function everything(path, view) {
  const items = [];
  let after = '';
  for (let pages = 0; pages < 20; pages += 1) {
    const page = await get(`${path}?limit=200${after}`, view);
    items.push(...page.items);
    if (!page.next) break;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
  return items;
}

function missing(failure) {
  if (failure.status === 404) return null;
  throw failure;
}

// ---------------------------------------------------------------------------------------------------------------------
// Storage
// ---------------------------------------------------------------------------------------------------------------------

/** Where the browser keeps nothing, it is kept as long as the page. */
const memory = new Map();

function readStored(storage, name) {
  try {
    return JSON.parse(storage.getItem(name));
  } catch {
    return memory.get(name) ?? null;
  }
}

function writeStored(storage, name, value) {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, JSON.stringify(value));
  } catch {
    memory.set(name, value);
  }
}

function storedNames(start) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(start));
  } catch {
    return [];
  }
}

/** `crypto.randomUUID` and `crypto.subtle` exist only on https and on this machine; this works everywhere. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Tells drafts apart (two 32-bit FNV-1a). If two ever met, the server would refuse the second with 409. */
function hash(text) {
  let [a, b] = [0x811c9dc5, 0x1b873593];
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b) + i;
  }
  return [a, b].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
}

// ---------------------------------------------------------------------------------------------------------------------
// Words, numbers and times
// ---------------------------------------------------------------------------------------------------------------------

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC';

function number(n) {
  return new Intl.NumberFormat('en').format(Number(n));
}

function percent(share) {
  return new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

function money(amount, currency) {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: 5 }).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}

function bytes(n) {
  if (n < 1024) return count(n, 'byte', 'bytes');
  return n < 1024 * 1024 ? `${number(Math.round(n / 1024))} KiB` : `${number(Math.round(n / 1024 / 102.4) / 10)} MiB`;
}

const isUtc = () => new Date().getTimezoneOffset() === 0 && /^(UTC|Etc\/.*|GMT)$/.test(ZONE);
const clockOf = (date, timeZone) => date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
const dayOf = (date, timeZone) => date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone });
const clock = (at) => clockOf(new Date(at));
const clockSeconds = (at) => new Date(at).toLocaleTimeString('en-GB');

/** `14:05 (13:05 UTC)`, with the day if it is another one. */
function timeText(at) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const [here, there] = [dayOf(date), dayOf(date, 'UTC')];
  const day = here === dayOf(new Date()) ? '' : `${here}, `;
  if (isUtc()) return `${day}${clockOf(date, 'UTC')} UTC`;
  return `${day}${clockOf(date)} (${here === there ? '' : `${there}, `}${clockOf(date, 'UTC')} UTC)`;
}

function time(at) {
  const date = new Date(at);
  return h('time', { datetime: Number.isNaN(date.getTime()) ? null : date.toISOString() }, timeText(at));
}

/** A sentence of the strings with a node where `\0` stands. */
function sentence(text, node) {
  const [before, after] = text.split('\0');
  return [before, node, after ?? ''];
}

/** What makes a text look like another one: control characters, and what changes the direction of what follows. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Text of others: in a direction of its own, with everything that cannot be seen made visible. */
function foreign(text) {
  const element = h('bdi', { class: 'foreign', dir: 'auto' });
  const clean = String(text ?? '').replace(/\r\n/g, '\n');
  let end = 0;
  for (const match of clean.matchAll(CONTROLS)) {
    element.append(clean.slice(end, match.index), escaped(match[0]));
    end = match.index + match[0].length;
  }
  element.append(clean.slice(end));
  return element;
}

function escaped(char) {
  return h('span', { class: 'escape' }, code(char));
}

const code = (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

/** The same where no elements can be, as in a list of choices. */
const plain = (text) => String(text).replace(CONTROLS, code);

/** One character, and its number in case it looks like another one. */
function character(char) {
  return h('span', {}, '“', foreign(char), `” (U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')})`);
}

// ---------------------------------------------------------------------------------------------------------------------
// DOM
// ---------------------------------------------------------------------------------------------------------------------

/** Makes an element. Children are nodes or text; attributes are never handlers or styles. */
function h(name, attributes = {}, ...children) {
  return build(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return build(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function build(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, '');
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== '' && child !== null && child !== undefined));
  return element;
}

const ICONS = {
  brand: 'M4 5h16v11H9l-5 4z M8 9h8 M8 12.5h5',
  send: 'M4 12 20 4l-5 16-3.5-6.5z M11.5 13.5 20 4',
  talk: 'M4 5h12v9H9l-5 4z M19 9h1v11l-4-3h-6',
  list: 'M8 6h12 M8 12h12 M8 18h12 M4 6h.01 M4 12h.01 M4 18h.01',
  horn: 'M4 10v4h3l8 5V5L7 10z M19 9.5a4 4 0 0 1 0 5',
  page: 'M6 3h8l4 4v14H6z M14 3v4h4 M9 12h6 M9 16h6',
  hand: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M6 6l12 12',
  question: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7 M12 17h.01',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M12 7v5l3 2',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8z M11 12l9-9 M17 6l3 3 M14.5 8.5l2 2',
  menu: 'M4 7h16 M4 12h16 M4 17h16',
  check: 'M4.5 12.5 10 18 19.5 7',
  cross: 'M6 6l12 12 M18 6 6 18',
  wait: 'M12 3a9 9 0 1 1-8.5 6 M12 7v5l3 2',
  alert: 'M12 4 2.5 20h19z M12 10v4 M12 17h.01',
  dot: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
  pause: 'M9 5v14 M15 5v14',
  down: 'M12 4v11 M7 11l5 5 5-5 M5 20h14',
};

function icon(name, size = 20, looks = null) {
  return svg('svg', { viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true', class: looks, fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' },
    svg('path', { d: ICONS[name] }));
}

const shapes = new WeakMap();

/** Makes the children of a list equal to the items. What did not change stays the same element, with focus and pictures. */
function sync(list, items, key, draw) {
  const old = new Map(Array.from(list.children, (child) => [child.dataset.key, child]));
  const fresh = items.map((item) => {
    const [id, shape] = [String(key(item)), JSON.stringify(item)];
    const known = old.get(id);
    if (known && shapes.get(known) === shape) return known;
    const made = draw(item);
    made.dataset.key = id;
    shapes.set(made, shape);
    return made;
  });
  keepFocus(list, () => {
    const kept = new Set(fresh);
    for (const child of [...list.children]) if (!kept.has(child)) child.remove();
    fresh.forEach((child, place) => { if (list.children[place] !== child) list.insertBefore(child, list.children[place] ?? null); });
  });
}

/** If what has the focus is drawn anew, the focus goes to what stands in its place. */
function keepFocus(place, work) {
  const stops = () => [...place.querySelectorAll('a[href], button, input, select, textarea, summary')];
  const index = place.contains(document.activeElement) ? stops().indexOf(document.activeElement) : -1;
  const id = document.activeElement?.closest?.('[data-key]')?.dataset.key;
  work();
  if (index < 0 || place.contains(document.activeElement)) return;
  const row = id === undefined ? null : [...place.children].find((child) => child.dataset.key === id);
  const target = row?.querySelector('a[href], button') ?? stops()[Math.min(index, stops().length - 1)];
  (target ?? content.querySelector('h1'))?.focus({ preventScroll: true });
}

/** Tells screen readers what happened. */
function announce(text) {
  const place = document.getElementById('announcer');
  place.replaceChildren();
  setTimeout(() => place.replaceChildren(foreign(text)), 50);
}

let ids = 0;
const newId = () => `e${(ids += 1)}`;
const sleep = (ms) => new Promise((done_) => { setTimeout(done_, ms); });

/** Runs once, a little after the last of several calls; in a storm of calls at least every second. */
function debounce(work, ms) {
  let timer = null;
  let first = 0;
  return () => {
    const now = Date.now();
    if (!timer) first = now;
    clearTimeout(timer);
    timer = setTimeout(() => { timer = null; work(); }, Math.max(0, Math.min(ms, first + 1_000 - now)));
  };
}

/** Does something again and again while a view is shown. */
function every(view, ms, work) {
  if (view.signal.aborted) return;
  const timer = setInterval(work, ms);
  view.signal.addEventListener('abort', () => clearInterval(timer));
}

begin();

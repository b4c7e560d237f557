/** A contact of a registration document that says everything that one can say. */
import type { ContactState } from "../../src/runtime/reginfo/document.ts";

export const fullContact: ContactState = {
  id: "c1",
  uri: "sip:a&b@h;x='1'",
  isActive: true,
  event: "registered",
  expires: 600,
  retryAfter: -1,
  durationRegistered: 5,
  q: 700,
  callId: "call<&>\"'@h",
  cseq: 7,
  displayName: "J\xc3\xbcrgen & Co",
  unknownParams: [
    { name: "+sip.instance", value: '"<urn:uuid:1>"' },
    { name: "audio", value: "" },
  ],
  publicGruu: "sip:a@h;gr=urn:uuid:1",
  temporaryGruu: "sip:t@h;gr",
  firstCseq: 3,
  received: "sip:8.8.8.8:88;transport=udp",
  path: "<sip:e1;lr>,<sip:e2;lr>",
  userAgent: 'Phone "1"\ttab',
  socket: "udp:10.0.0.1:5060",
  instance: "<urn:uuid:1>",
  regId: 2,
  methods: 8191,
  branchFlags: 64,
};

import assert from "node:assert/strict";
import test from "node:test";

import { Sending } from "../../src/sfa/static/js/sending.js";

test("what is taken back before its first request ends at once, and no request is made", { timeout: 5000 }, async () => {
  // As browsers have it: to abort what was never sent makes no event.
  globalThis.XMLHttpRequest = class {
    upload = {};
    open() {}
    abort() {}
    setRequestHeader() {}
    send() {
      assert.fail("it was taken back");
    }
  };
  const taken = new AbortController();
  const say = () => {};
  const sending = new Sending(new File(["sound"], "a.wav"), { sha256: null, signal: taken.signal, say, reached: say }).run();
  taken.abort();
  await assert.rejects(sending, { name: "AbortError" });
});

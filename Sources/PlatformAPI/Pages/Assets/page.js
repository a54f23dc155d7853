// What the page does beyond HTML: times by the reader's clock, news without loading anew, a log as it grows, and a sign-in link
// read from behind the #. All of it works without this, a little less conveniently.
"use strict";

(() => {
  const refreshEvery = 10_000;
  const longestLog = 5000;

  // Times

  const pad = (number) => String(number).padStart(2, "0");
  const zoneKey = "cygni.zone";

  const isLocal = () => {
    try { return localStorage.getItem(zoneKey) === "local"; } catch { return false; }
  };

  const clockOf = (moment, local) => {
    const get = (name) => moment[`get${local ? "" : "UTC"}${name}`]();
    const day = `${get("FullYear")}-${pad(get("Month") + 1)}-${pad(get("Date"))}`;
    return `${day} ${pad(get("Hours"))}:${pad(get("Minutes"))}:${pad(get("Seconds"))}`;
  };

  // As the server says it.
  const words = (seconds) => {
    if (seconds < 90) return `${seconds} s`;
    if (seconds < 5400) return `${Math.floor(seconds / 60)} min`;
    if (seconds < 129600) return `${Math.floor(seconds / 3600)} h`;
    return `${Math.floor(seconds / 86400)} d`;
  };

  const showTimes = (root = document) => {
    const local = isLocal();
    const now = Date.now();
    for (const element of root.querySelectorAll("time[datetime]")) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      const text = clockOf(moment, local);
      if (element.textContent !== text) element.textContent = text;
      const ago = element.parentElement.querySelector(":scope > .ago");
      if (!ago) continue;
      const distance = Math.trunc((now - moment.getTime()) / 1000);
      const said = distance > 0 ? `${words(distance)} ago` : distance < 0 ? `in ${words(-distance)}` : "now";
      if (ago.textContent !== said) ago.textContent = said;
    }
    for (const element of document.querySelectorAll("[data-zone-name]")) {
      element.textContent = local ? Intl.DateTimeFormat().resolvedOptions().timeZone : "UTC";
    }
    for (const button of document.querySelectorAll("[data-zone-switch]")) {
      button.hidden = false;
      button.textContent = local ? "Show UTC" : "Show local time";
    }
  };

  const switchZone = () => {
    try { localStorage.setItem(zoneKey, isLocal() ? "utc" : "local"); } catch { /* Private windows may not keep it. */ }
    showTimes();
  };

  // News

  const note = (text) => {
    for (const element of document.querySelectorAll("[data-live-note]")) {
      if (element.textContent !== text) element.textContent = text;
    }
  };

  // Puts what is new in place; what was open stays open, and the focus where it was.
  const replace = (old, fresh) => {
    if (old.innerHTML === fresh.innerHTML) return;
    const open = new Set([...old.querySelectorAll("details[open][data-key]")].map((part) => part.dataset.key));
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const place = focused ? [...old.querySelectorAll(focused.tagName)].indexOf(focused) : -1;
    old.replaceChildren(...fresh.childNodes);
    for (const part of old.querySelectorAll("details[data-key]")) part.open = open.has(part.dataset.key);
    if (!focused) return;
    const href = focused.getAttribute("href");
    const same = href ? [...old.querySelectorAll("a")].find((link) => link.getAttribute("href") === href) : null;
    (same ?? old.querySelectorAll(focused.tagName)[place])?.focus({ preventScroll: true });
  };

  let isAsking = false;

  const refresh = async () => {
    // Whoever marks something is about to copy it.
    const isMarking = getSelection()?.isCollapsed === false;
    if (isAsking || isMarking || document.hidden || !document.querySelector("[data-live]")) return;
    isAsking = true;
    try {
      const answer = await fetch(location.pathname + location.search, {
        headers: { "X-Cygni-Refresh": "1", Accept: "text/html" },
        redirect: "manual",
        cache: "no-store",
      });
      if (answer.type === "opaqueredirect") {
        note("You are no longer signed in: load the page again.");
        clearInterval(timer);
        return;
      }
      if (!answer.ok) {
        note("The server does not answer as it should; what is shown is old.");
        return;
      }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const old of document.querySelectorAll("[data-live][id]")) {
        const part = fresh.getElementById(old.id);
        if (part) replace(old, part);
      }
      document.title = fresh.title;
      const asOf = document.querySelector("footer time");
      const now = fresh.querySelector("footer time");
      if (asOf && now) asOf.dateTime = now.dateTime;
      note("");
      showTimes();
    } catch {
      note("The server is out of reach; what is shown is old.");
    } finally {
      isAsking = false;
    }
  };

  // The log

  const lineOf = (text) => {
    let event = {};
    try { event = JSON.parse(text); } catch { event = { message: text }; }
    const line = document.createElement("div");
    const level = /^[a-z]+$/.test(event.level ?? "") ? event.level : "";
    line.className = `line ${level}`;
    const rest = Object.entries(event.metadata ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join(" ");
    const parts = [["clock", String(event.time ?? "").slice(11, 23)], ["level", level], ["message", event.message ?? ""]];
    if (rest) parts.push(["details", rest]);
    for (const [name, content] of parts) {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = content;
      line.append(part, " ");
    }
    return line;
  };

  const follow = (log) => {
    const state = document.querySelector("[data-log-state]");
    const source = new EventSource(log.dataset.log);
    source.onopen = () => { if (state) state.hidden = false; };
    source.addEventListener("log", (event) => {
      const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      document.querySelector("[data-log-empty]")?.remove();
      log.append(...event.data.split("\n").filter(Boolean).map(lineOf));
      while (log.childElementCount > longestLog) log.firstElementChild.remove();
      if (isAtEnd) log.scrollTop = log.scrollHeight;
    });
    source.addEventListener("end", () => {
      source.close();
      if (state) state.hidden = true;
      refresh();
    });
    source.onerror = () => {
      if (state) state.hidden = true;
      if (source.readyState === EventSource.CLOSED) note("The log is no longer followed: load the page again.");
    };
    addEventListener("pagehide", () => source.close());
  };

  // Signing in

  const takeLink = (form) => {
    const match = /^#(cyl_[A-Za-z0-9_-]{43})$/.exec(location.hash);
    if (!match) return;
    form.elements.link.value = match[1];
    // Out of the history, and of what may be copied from the address.
    history.replaceState(null, "", location.pathname + location.search);
    form.querySelector("[data-link-found]").hidden = false;
    form.querySelector("button").focus();
  };

  showTimes();
  setInterval(showTimes, 1000);
  const timer = setInterval(refresh, refreshEvery);
  document.addEventListener("visibilitychange", refresh);
  for (const button of document.querySelectorAll("[data-zone-switch]")) button.addEventListener("click", switchZone);
  for (const log of document.querySelectorAll("[data-log]")) {
    log.scrollTop = log.scrollHeight;
    follow(log);
  }
  for (const form of document.querySelectorAll("[data-sign-in]")) {
    takeLink(form);
    addEventListener("hashchange", () => takeLink(form));
  }
})();

extension DuplicatesPage {
  static let style =
    PageStyle.common + """
      header { padding: 1.5rem 0 .5rem; }
      .bar {
        position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1rem;
        align-items: center; justify-content: space-between; padding: .6rem 0; background: var(--paper);
        border-bottom: 1px solid var(--line);
      }
      #save {
        font: inherit; font-weight: 600; padding: .4rem .9rem; border: 0; border-radius: .5rem; cursor: pointer;
        background: var(--accent); color: var(--on-accent);
      }
      #save:disabled { opacity: .45; cursor: default; }
      #save kbd { background: none; border-color: currentColor; margin-left: .3em; }
      .group {
        margin: 1rem 0; padding: .9rem; background: var(--card); border: 1px solid var(--line);
        border-radius: .8rem; scroll-margin-top: 4rem;
      }
      h2 { font-size: 1rem; font-weight: 600; margin: 0 0 .75rem; line-height: 1.5; }
      h2 .soft { font-weight: 400; }
      .tier { font-size: .8rem; padding: .1em .6em; border-radius: 1em; margin-right: .35rem; }
      .bytes, .pixels, .copies { background: var(--good-paper); color: var(--good); }
      .unsure, .similar { background: var(--warn-paper); color: var(--warn); }
      .members {
        list-style: none; margin: 0; padding: 0; display: grid; gap: clamp(.6rem, 1.2vw, 1rem);
        grid-template-columns: repeat(auto-fill, minmax(clamp(9rem, 20vw, 19rem), 1fr));
      }
      .card { display: flex; flex-direction: column; min-width: 0; }
      .pick {
        display: block; position: relative; width: 100%; padding: 0; border: 0; border-radius: .5rem;
        overflow: hidden; background: var(--mat); color: inherit; font: inherit; cursor: pointer;
        scroll-margin: 4.5rem 0 6rem;
      }
      .pick:focus-visible { outline-offset: 3px; }
      .pick:disabled { cursor: default; }
      .pick .mat { aspect-ratio: 4 / 3; }
      .pick[aria-pressed="true"] img { opacity: .45; }
      .badge {
        position: absolute; left: .5rem; top: .5rem; padding: .1em .65em; border-radius: 1em; font-size: .8rem;
        font-weight: 600; background: var(--good-paper); color: var(--good);
      }
      .badge::after { content: "stays"; }
      .pick[aria-pressed="true"] .badge { background: var(--warn-paper); color: var(--warn); }
      .pick[aria-pressed="true"] .badge::after { content: "moves"; }
      .pick:disabled .badge { display: none; }
      .caption { display: grid; gap: .1rem; padding: .45rem .1rem 0; }
      .name { font-weight: 600; overflow-wrap: anywhere; }
      .name:hover { color: var(--accent); }
      .folder, .facts, .difference, .reason { font-size: .82rem; color: var(--soft); overflow-wrap: anywhere; }
      .facts { display: flex; flex-wrap: wrap; column-gap: .7em; color: var(--ink); }
      .facts span { white-space: nowrap; }
      .advice { font-size: .82rem; color: var(--good); }
      .list { margin: 1rem 0; }
      .list summary { cursor: pointer; font-weight: 600; }
      .list li { overflow-wrap: anywhere; margin: .2rem 0; }
      footer { margin-top: 2rem; color: var(--soft); font-size: .87rem; line-height: 1.9; }
      code { font: .95em var(--mono); }
      .notice { color: var(--warn); }

      """

  static let script = #"""

    "use strict";
    const data = JSON.parse(document.getElementById("data").textContent);
    const storageName = `image-embedder duplicates ${data.key}`;
    const picks = [...document.querySelectorAll(".pick")];
    const save = document.getElementById("save");
    const count = document.getElementById("count");
    const groups = new Map(data.groups.map((group) => [group.number, group]));
    const groupsOf = new Map();
    for (const group of data.groups) {
      for (const member of group.members) {
        if (!groupsOf.has(member)) groupsOf.set(member, []);
        groupsOf.get(member).push(group);
      }
    }

    // The numbers of the pictures to be moved.
    let marked = new Set();
    const staysIn = (group) => group.members.filter((member) => !marked.has(member));
    const pictureOf = (pick) => Number(pick.dataset.picture);

    function advise(group) {
      for (const member of group.members) {
        if (group.duplicates && member !== group.keep) marked.add(member);
        else marked.delete(member);
      }
    }

    // Marks a picture, unless one would then be marked of which no group keeps another picture.
    function mark(picture) {
      marked.add(picture);
      const isLost = (member) => groupsOf.get(member).every((group) => staysIn(group).length === 0);
      const isTooMuch = groupsOf.get(picture).some(
        (group) => staysIn(group).length === 0 && group.members.some(isLost));
      if (isTooMuch) marked.delete(picture);
      return !isTooMuch;
    }

    function restore() {
      for (const group of data.groups) if (group.duplicates) advise(group);
      let text = null;
      try { text = localStorage.getItem(storageName); } catch { /* some browsers keep nothing for files */ }
      if (text === null) return;
      marked = new Set(JSON.parse(text).filter((picture) => groupsOf.has(picture)));
    }

    function keep() {
      try { localStorage.setItem(storageName, JSON.stringify([...marked])); } catch { /* as above */ }
    }

    function size(bytes) {
      const units = ["B", "kB", "MB", "GB", "TB"];
      let unit = 0;
      for (; bytes >= 999.95 && unit < units.length - 1; unit += 1) bytes /= 1000;
      return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
    }

    function show(notice) {
      for (const pick of picks) {
        if (!pick.disabled) pick.setAttribute("aria-pressed", String(marked.has(pictureOf(pick))));
      }
      let bytes = 0;
      for (const picture of marked) bytes += data.pictures[picture].bytes;
      count.className = notice ? "notice" : "number";
      count.textContent = notice || (marked.size === 0
        ? "Nothing is marked to be moved."
        : `${marked.size} ${marked.size === 1 ? "picture" : "pictures"} to be moved, ${size(bytes)}.`);
      save.disabled = marked.size === 0;
    }

    function toggle(picture) {
      if (!marked.delete(picture) && !mark(picture)) {
        show("At least one picture of a group stays.");
        return;
      }
      keep();
      show();
    }

    // The script, in pieces of bytes: paths need not be text.
    function script() {
      const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const checks = [];
      const moves = [];
      const checked = new Set();
      const moved = new Set();
      const check = (member) => {
        if (!checked.has(member)) checks.push(bytes(data.pictures[member].check));
        checked.add(member);
      };
      for (const group of data.groups) {
        const stays = staysIn(group);
        if (stays.length === 0 || stays.length === group.members.length) continue;
        moves.push(stays.includes(group.keep) ? group.advised : group.chosen);
        for (const member of stays) {
          check(member);
          moves.push(bytes(data.pictures[member].comment));
        }
        for (const member of group.members.filter((member) => marked.has(member))) {
          check(member);
          if (!moved.has(member)) moves.push(bytes(data.pictures[member].move));
          moved.add(member);
        }
      }
      return [data.frame[0], String(moved.size), data.frame[1], ...checks, data.frame[2], ...moves];
    }

    function saveScript() {
      if (marked.size === 0) return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(script(), { type: "application/x-sh" }));
      link.download = "duplicates.sh";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    }

    function go(pick) {
      if (!pick) return;
      pick.focus({ preventScroll: true });
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      pick.scrollIntoView({ block: "nearest", behavior });
    }

    const sectionOf = (pick) => pick.closest(".group");

    // The first picture of the next group, or of the one before.
    function goToGroup(here, step) {
      const sections = [...document.querySelectorAll(".group")];
      const place = here < 0 ? (step > 0 ? -1 : 1) : sections.indexOf(sectionOf(picks[here]));
      go(sections[place + step]?.querySelector(".pick"));
    }

    for (const pick of picks) pick.addEventListener("click", () => toggle(pictureOf(pick)));
    save.addEventListener("click", saveScript);

    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const here = picks.indexOf(document.activeElement);
      switch (event.key) {
        case "ArrowRight": case "j": go(picks[here + 1]); break;
        case "ArrowLeft": case "k": go(picks[here < 0 ? 0 : here - 1]); break;
        case "ArrowDown": goToGroup(here, 1); break;
        case "ArrowUp": goToGroup(here, -1); break;
        case "a": {
          const group = here < 0 ? null : groups.get(Number(sectionOf(picks[here]).dataset.group));
          if (!group) return;
          advise(group);
          keep();
          show();
          break;
        }
        case "s": saveScript(); break;
        case "Enter":
          if (here < 0) return;
          picks[here].closest(".card").querySelector("a.name").click();
          break;
        default: return;
      }
      event.preventDefault();
    });

    restore();
    show();

    """#
}

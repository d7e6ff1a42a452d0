extension SearchPage {
  static let style =
    PageStyle.common + """
      header { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: center; padding: 1.5rem 0 1rem; }
      header .words { flex: 1 1 16rem; min-width: 0; }
      .terms { display: flex; flex-wrap: wrap; gap: .5rem; }
      .term { position: relative; }
      .term .mat { width: 7rem; height: 7rem; border-radius: .6rem; }
      .term .lost { font-size: .75rem; padding: .4rem; }
      .term .weight {
        position: absolute; left: .35rem; top: .35rem; padding: 0 .45em; border-radius: 1em; font-size: .8rem;
        background: var(--card); border: 1px solid var(--line);
      }
      .grid {
        list-style: none; margin: 0; padding: 0; display: grid; gap: clamp(.6rem, 1.4vw, 1.25rem);
        grid-template-columns: repeat(auto-fill, minmax(clamp(9.5rem, 16vw, 17rem), 1fr));
      }
      .card {
        display: flex; flex-direction: column; height: 100%; background: var(--card); border-radius: .6rem;
        border: 1px solid var(--line); overflow: hidden; scroll-margin: 1rem;
      }
      a.card:hover { border-color: var(--accent); }
      .card .mat { aspect-ratio: 4 / 3; }
      .card svg { display: block; width: 100%; height: 3px; background: var(--line); }
      .card rect { fill: var(--accent); }
      .caption { padding: .55rem .7rem .65rem; display: grid; gap: .1rem; min-width: 0; }
      .line { display: flex; justify-content: space-between; gap: .6rem; font-size: .87rem; }
      .name { font-weight: 600; overflow-wrap: anywhere; }
      .folder { color: var(--soft); font-size: .82rem; overflow-wrap: anywhere; }
      section + section { border-top: 1px solid var(--line); margin-top: 2rem; }
      footer { margin-top: 2rem; color: var(--soft); font-size: .87rem; }

      """

  static let script = #"""

    "use strict";
    const cards = [...document.querySelectorAll(".card")];
    const middle = (card) => {
      const box = card.getBoundingClientRect();
      return { x: box.left + box.width / 2, y: box.top + box.height / 2, half: box.height / 2 };
    };
    // The nearest card of the next line in a direction, or the same one where there is none.
    function vertical(from, sign) {
      const here = middle(cards[from]);
      let best = from;
      let least = Infinity;
      cards.forEach((card, index) => {
        const there = middle(card);
        const down = sign * (there.y - here.y);
        if (down <= Math.min(here.half, there.half)) return;
        const distance = down * 10 + Math.abs(there.x - here.x);
        if (distance < least) [best, least] = [index, distance];
      });
      return best;
    }
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || cards.length === 0) return;
      const here = cards.indexOf(document.activeElement);
      const last = cards.length - 1;
      const start = here < 0 ? 0 : here;
      const target = {
        ArrowRight: () => (here < 0 ? 0 : Math.min(here + 1, last)),
        ArrowLeft: () => Math.max(start - 1, 0),
        ArrowDown: () => (here < 0 ? 0 : vertical(here, 1)),
        ArrowUp: () => (here < 0 ? 0 : vertical(here, -1)),
        Home: () => 0,
        End: () => last,
      };
      target.j = target.ArrowRight;
      target.k = target.ArrowLeft;
      const step = target[event.key];
      if (!step) return;
      event.preventDefault();
      cards[step()].focus();
    });

    """#
}

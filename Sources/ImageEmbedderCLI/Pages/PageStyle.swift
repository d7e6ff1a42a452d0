/// What all pages look like: the reader's own fonts, light or dark as the system is.
enum PageStyle {
  static let common = """

    :root {
      color-scheme: light dark;
      --paper: #f7f7f5; --card: #ffffff; --mat: #ecece8; --ink: #1c1d1f; --soft: #5d6168;
      --line: #dcdcd8; --accent: #1d4fd7; --on-accent: #ffffff; --warn: #8a4b00; --warn-paper: #fff3dd;
      --good: #14692f; --good-paper: #e3f4e7;
      --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #121315; --card: #1b1d20; --mat: #0b0c0d; --ink: #ececee; --soft: #a2a7af;
        --line: #303338; --accent: #8fb4ff; --on-accent: #0d1b3a; --warn: #f2bd6c; --warn-paper: #33270f;
        --good: #7fd699; --good-paper: #14301d;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 110rem; padding: 0 clamp(.75rem, 2.5vw, 2.5rem) 3rem;
      background: var(--paper); color: var(--ink);
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
    }
    h1 { font-size: clamp(1.15rem, 1rem + 1vw, 1.6rem); line-height: 1.2; margin: 0; font-weight: 650; }
    p { margin: .25rem 0; }
    a { color: inherit; text-decoration: none; }
    bdi { overflow-wrap: anywhere; }
    .soft { color: var(--soft); }
    .number { font-variant-numeric: tabular-nums; }
    kbd {
      font: .8em/1.6 var(--mono); padding: 0 .4em; border: 1px solid var(--line); border-radius: .3em;
      background: var(--card); white-space: nowrap;
    }
    .mat { display: grid; place-items: center; position: relative; background: var(--mat); overflow: hidden; }
    .mat img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: scale-down; }
    .lost { padding: 1rem; text-align: center; color: var(--soft); font-size: .87rem; overflow-wrap: anywhere; }
    .warning { color: var(--warn); font-size: .82rem; overflow-wrap: anywhere; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }

    """
}

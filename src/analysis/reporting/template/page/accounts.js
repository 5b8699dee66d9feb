(() => {
  const table = document.getElementById("accounts"), controls = document.getElementById("controls");
  if (!table || !controls) return;
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const at = (label) => heads.findIndex((head) => head.textContent === label);
  const places = {segment: at("Segment"), flag: at("Flags"), manager: at("Manager")};
  const fold = (words) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const values = (row, place) => place === places.flag
    ? [...row.cells[place].querySelectorAll(".flag")].map((flag) => flag.textContent)
    : [row.cells[place].textContent];
  const texts = new Map(rows.map((row) => [row, fold(row.textContent)]));
  const find = document.getElementById("find"), sort = document.getElementById("sort");
  const found = document.getElementById("found"), selects = {};
  const option = (words, value) => { const made = document.createElement("option"); made.textContent = words; made.value = value; return made; };
  for (const [key, place] of Object.entries(places)) {
    const select = selects[key] = document.getElementById("by-" + key);
    const all = [...new Set(rows.flatMap((row) => values(row, place)))].filter((word) => word && word !== "–");
    select.append(option("All", ""), ...all.sort((a, b) => a.localeCompare(b)).map((word) => option(word.slice(0, 60), "=" + word)));
  }
  sort.append(option(controls.dataset.first, ""));
  heads.forEach((head, place) => {
    if (places.flag === place) return;
    const number = head.classList.contains("n"), label = head.textContent;
    const ways = number ? [["-", "most first"], ["+", "least first"]] : [["+", "A to Z"], ["-", "Z to A"]];
    for (const [sign, words] of ways) sort.append(option(label + ", " + words, sign + place));
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      const [first, second] = ways.map(([sign]) => sign + place);
      sort.value = sort.value === first ? second : first;
      show();
    });
    head.replaceChildren(button);
  });
  const key = (row, place) => {
    const cell = row.cells[place];
    return heads[place].classList.contains("n") ? (cell.dataset.v === undefined ? null : Number(cell.dataset.v)) : cell.textContent;
  };
  const ordered = () => {
    if (!sort.value) return rows;
    const sign = sort.value[0] === "-" ? -1 : 1, place = Number(sort.value.slice(1));
    return [...rows].sort((a, b) => {
      const x = key(a, place), y = key(b, place);
      if (x === null || y === null) return (x === null) - (y === null);
      return sign * (typeof x === "number" ? x - y : x.localeCompare(y));
    });
  };
  const show = () => {
    const words = fold(find.value.trim());
    let shown = 0;
    for (const row of rows) {
      const fits = texts.get(row).includes(words) && Object.entries(places).every(([name, place]) =>
        !selects[name].value || values(row, place).includes(selects[name].value.slice(1)));
      row.hidden = !fits;
      shown += fits;
    }
    body.append(...ordered());
    heads.forEach((head, place) => {
      const chosen = sort.value && Number(sort.value.slice(1)) === place;
      if (chosen) head.setAttribute("aria-sort", sort.value[0] === "-" ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    found.textContent = shown + " of " + rows.length + " shown";
  };
  find.addEventListener("input", show);
  for (const select of [sort, ...Object.values(selects)]) select.addEventListener("change", show);
  controls.hidden = false;
  show();
})();

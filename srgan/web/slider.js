const STEP = 60; // pixels on the screen that an arrow key moves the picture
const REACH = 28; // pixels beside the line in which a drag moves the line

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const stage = find(".stage");
  const range = find("input");
  const planes = [...parentElement.querySelectorAll(".plane")];
  const buttons = [...parentElement.querySelectorAll("[data-zoom]")];
  const before = find(".before img");
  const after = find(".after img");

  // What is looked at outlives a rerun of the page, and a new result starts anew.
  if (stage.view?.pixels !== data.after.pixels) {
    stage.view = { pixels: data.after.pixels, zoom: "fit", x: data.width / 2, y: data.height / 2 };
    find(".after .plane").replaceChildren(after);
  }
  const view = stage.view;

  // Very long pictures get bars beside them, so that the stage stays usable.
  const shape = data.width / data.height;
  const shown = clamp(shape, 0.3, 5);
  stage.style.setProperty("--shape", shown);
  stage.style.setProperty("--fit", shape === shown ? "fill" : "contain");
  for (const [picture, side] of [[before, data.before], [after, data.after]]) {
    picture.alt = side.label;
    if (picture.preview !== side.src) {
      picture.src = picture.preview = side.src;
      picture.whole = null; // one that is still on its way is of another picture
    }
  }
  find(".left").textContent = data.before.label;
  find(".right").textContent = data.after.label;
  range.setAttribute("aria-label", data.label);

  const zoomed = () => view.zoom !== "fit";

  // The left upper corner of what is seen, in pixels on the screen.
  const corner = () => {
    const along = (centre, length, seen) => {
      const room = length * view.zoom - seen;
      return Math.round(room < 0 ? room / 2 : clamp(centre * view.zoom - seen / 2, 0, room));
    };
    return [
      along(view.x, data.width, stage.clientWidth),
      along(view.y, data.height, stage.clientHeight),
    ];
  };

  const draw = () => {
    stage.classList.toggle("zoomed", zoomed());
    for (const button of buttons) {
      button.setAttribute("aria-pressed", button.dataset.zoom === String(view.zoom));
    }
    const [left, top] = zoomed() ? corner() : [0, 0];
    for (const plane of planes) {
      plane.style.cssText = zoomed()
        ? `width: ${data.width * view.zoom}px; height: ${data.height * view.zoom}px; ` +
          `transform: translate(${-left}px, ${-top}px)`
        : "";
    }
    if (zoomed()) load(left, top);
  };

  // The tiles in sight; those that were seen stay until another result comes.
  const load = (left, top) => {
    if (before.whole !== data.before.pixels) {
      before.whole = data.before.pixels;
      const whole = new Image();
      whole.onload = () => {
        if (before.whole === data.before.pixels) before.src = whole.src;
      };
      whole.src = data.before.pixels;
    }
    const side = data.tile * view.zoom;
    const last = (start, seen, length) =>
      Math.floor((Math.min(start + seen, length * view.zoom) - 1) / side);
    const columns = last(left, stage.clientWidth, data.width);
    const rows = last(top, stage.clientHeight, data.height);
    for (let row = Math.max(0, Math.floor(top / side)); row <= rows; row++) {
      for (let column = Math.max(0, Math.floor(left / side)); column <= columns; column++) {
        place(column, row);
      }
    }
  };

  // A tile is placed in shares of the plane, so that it follows every zoom.
  const place = (column, row) => {
    const plane = find(".after .plane");
    const address = `${data.after.pixels}/${column}/${row}`;
    if (plane.querySelector(`[data-address="${address}"]`)) return;
    const tile = new Image();
    tile.dataset.address = address;
    tile.alt = "";
    tile.className = "tile";
    const share = (pixels, length) => `${(100 * pixels) / length}%`;
    tile.style.left = share(column * data.tile, data.width);
    tile.style.top = share(row * data.tile, data.height);
    tile.style.width = share(Math.min(data.tile, data.width - column * data.tile), data.width);
    tile.style.height = share(Math.min(data.tile, data.height - row * data.tile), data.height);
    tile.src = address;
    plane.append(tile);
  };

  const pan = (x, y) => {
    const within = (centre, length, seen) => {
      const half = Math.min(seen / view.zoom, length) / 2;
      return clamp(centre, half, length - half);
    };
    view.x = within(view.x + x / view.zoom, data.width, stage.clientWidth);
    view.y = within(view.y + y / view.zoom, data.height, stage.clientHeight);
    draw();
  };

  const show = () => stage.style.setProperty("--at", `${range.value}%`);
  const follow = (event) => {
    const box = stage.getBoundingClientRect();
    range.value = (100 * (event.clientX - box.left)) / box.width;
    show();
  };
  let dragged = null;
  stage.onpointerdown = (event) => {
    stage.setPointerCapture(event.pointerId);
    range.focus({ preventScroll: true });
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    const line = box.left + (box.width * range.value) / 100;
    dragged = zoomed() && Math.abs(event.clientX - line) > REACH ? event : null;
    if (!dragged) follow(event);
  };
  stage.onpointermove = (event) => {
    if (!stage.hasPointerCapture(event.pointerId)) return;
    if (!dragged) return follow(event);
    pan(dragged.clientX - event.clientX, dragged.clientY - event.clientY);
    dragged = event;
  };
  range.oninput = show;
  range.onkeydown = (event) => {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
      event.key
    ] ?? [0, 0];
    if (!zoomed() || !event.shiftKey || (!x && !y)) return;
    event.preventDefault();
    pan(x * STEP, y * STEP);
  };
  for (const button of buttons) {
    button.onclick = () => {
      view.zoom = button.dataset.zoom === "fit" ? "fit" : Number(button.dataset.zoom);
      draw();
    };
  }
  stage.resized?.disconnect(); // else the picture of the last run of the page is drawn, too
  const resized = (stage.resized = new ResizeObserver(draw));
  resized.observe(stage);
  show();
  draw();
  return () => resized.disconnect();
}

export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const stage = find(".stage");
  const range = find("input");

  // Very long pictures get bars beside them, so that the stage stays usable.
  const shape = data.width / data.height;
  const shown = Math.min(Math.max(shape, 0.3), 5);
  stage.style.setProperty("--shape", shown);
  stage.style.setProperty("--fit", shape === shown ? "fill" : "contain");
  for (const side of ["before", "after"]) {
    const picture = find(`img.${side}`);
    picture.alt = data[side].label;
    if (picture.src !== data[side].src) picture.src = data[side].src;
  }
  find(".left").textContent = data.before.label;
  find(".right").textContent = data.after.label;
  range.setAttribute("aria-label", data.label);

  const show = () => stage.style.setProperty("--at", `${range.value}%`);
  const follow = (event) => {
    const box = stage.getBoundingClientRect();
    range.value = (100 * (event.clientX - box.left)) / box.width;
    show();
  };
  stage.onpointerdown = (event) => {
    stage.setPointerCapture(event.pointerId);
    range.focus({ preventScroll: true });
    event.preventDefault();
    follow(event);
  };
  stage.onpointermove = (event) => {
    if (stage.hasPointerCapture(event.pointerId)) follow(event);
  };
  range.oninput = show;
  show();
}

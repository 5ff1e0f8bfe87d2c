"""The page as a person meets it: what it says, its buttons, its slider."""

import time

import numpy as np
from PIL import Image

PATIENCE = 300  # seconds; only ends a hang
SETTLE_SECONDS = 5  # a picture of the page is worth no more waiting

SETTLED = """
    const still = document.getAnimations().every((animation) => animation.playState != "running");
    const shown = [...document.images].every((image) => image.complete);
    const drawn = !document.querySelector("[data-testid=stSkeleton], [data-stale=true]");
    const idle = !document.querySelector("[data-test-script-state=running]");
    return still && shown && drawn && idle;
"""


def gradient(width, height):
    ramp = np.linspace(0, 255, width * height * 3).reshape(height, width, 3)
    return Image.fromarray(ramp.astype(np.uint8))


def find(driver, css):
    return driver.find_elements("css selector", css)


def until(driver, what):
    """Wait for `what(driver)` to be true, and give it back."""
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.support.ui import WebDriverWait

    ignored = [StaleElementReferenceException]
    return WebDriverWait(driver, PATIENCE, 0.1, ignored).until(what)


def settled(driver):
    """Wait for the page to stand still, but not for long."""
    end = time.monotonic() + SETTLE_SECONDS
    while not driver.execute_script(SETTLED) and time.monotonic() < end:
        time.sleep(0.1)


def button(driver, label):
    """The button or link that says `label`, once it is there and can be pressed."""

    def enabled(driver):
        found = [
            b
            for b in find(driver, "button, [data-testid=stLinkButton] a")
            if b.text.strip().endswith(label)
        ]
        return found[0] if found and found[0].is_enabled() else None

    return until(driver, enabled)


def click(driver, found):
    """Click what `found(driver)` gives, once nothing lies over it: the page may yet be moving."""
    from selenium.common.exceptions import ElementClickInterceptedException

    def clicked(driver):
        try:
            found(driver).click()
        except ElementClickInterceptedException:
            return False
        return True

    until(driver, clicked)


def push(driver, label):
    """Click the button or link that says `label`."""
    click(driver, lambda driver: button(driver, label))


def compare(driver):
    """Have all models shown on one detail."""
    summary = "[data-testid=stExpander] summary"
    click(driver, lambda driver: until(driver, lambda driver: find(driver, summary))[0])
    push(driver, "Compare")
    until(driver, lambda driver: len(find(driver, "[data-testid=stExpander] img")) >= 4)


def text(driver):
    return driver.find_element("tag name", "body").text


def says(driver, what):
    until(driver, lambda driver: what in text(driver))


def upload(driver, *paths):
    field = until(driver, lambda driver: find(driver, "input[type=file]"))[0]
    field.send_keys("\n".join(map(str, paths)))


def upscale(driver, server, path):
    """Open the page anew and go on until the result is there."""
    driver.get(server)
    upload(driver, path)
    push(driver, "Upscale")
    button(driver, "Download")


def press(driver, css, *keys):
    """Press keys on the last element that `css` finds, which need not be visible."""
    from selenium.webdriver import ActionChains

    element = until(driver, lambda driver: find(driver, css))[-1]
    driver.execute_script("arguments[0].focus()", element)
    ActionChains(driver).send_keys(*keys).perform()


def downloaded(driver, name):
    """The path of a download, once it is there as a whole."""
    path = driver.downloads / name

    def whole(_):
        return path.exists() and not list(driver.downloads.glob("*.crdownload"))

    until(driver, whole)
    return path


def open_sample(driver, server):
    driver.get(server)
    push(driver, "sample picture")
    says(driver, "1,024 × 680")


def upscale_sample(driver, server):
    open_sample(driver, server)
    push(driver, "Upscale")
    button(driver, "Download")


def stage(driver):
    """The before/after slider, which lives in a shadow root of its own, once it is drawn."""

    def drawn(driver):
        for host in find(driver, "[data-testid=stBidiComponentIsolated]"):
            root = driver.execute_script("return arguments[0].shadowRoot", host)
            if root is not None and root.find_elements("css selector", ".after img[src]"):
                return root.find_element("css selector", ".stage")
        return None

    return until(driver, drawn)


def share(driver):
    """How much of the picture before is shown, in per cent."""
    script = "return parseFloat(getComputedStyle(arguments[0]).getPropertyValue('--at'))"
    return driver.execute_script(script, stage(driver))


def sideways(driver):
    """Pixels by which the page is wider than its window."""
    script = "const e = arguments[0]; return e.scrollWidth - e.clientWidth"
    return max(driver.execute_script(script, e) for e in find(driver, "html, [data-testid=stMain]"))

"""The scope: frames follow the law, commands are checked, and a real browser shows spins and obeys clicks."""

import base64
import http.client
import json
import shutil
import threading

import numpy as np
import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError
from spinchip.sim.samplers.by_name import backend
from spinchip.sim.scope.live import LiveSampler
from spinchip.sim.scope.server import HOST, Scope

GLASS = resolve("[sk n=8 seed=1]")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1100,1200"
)


def live(name="reference", **changes):
    return LiveSampler(backend(name), GLASS, **({"beta": 0.7, "sweeps": 50, "seed": 1} | changes))


def spins_of(frame, n=8):
    return np.unpackbits(np.frombuffer(base64.b64decode(frame["spins"]), np.uint8))[:n].astype(int) * 2 - 1


def ask(scope, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(HOST, int(scope.url.rsplit(":", 1)[1].strip("/")), timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.promise("codesign.scope")
@pytest.mark.parametrize("name", ["reference", "golden", "smtj", "crossbar"])
def test_frames_follow_the_law_on_every_backend(name):
    """After 100 frames of 50 sweeps the distance is near its floor; at another beta's law it would be far above."""
    sampler = live(name)
    for _ in range(100):
        frame = sampler.frame()
    assert frame["sweeps"] == 5000
    assert frame["tv"] < 3.0 * frame["tv_floor"]
    assert sum(frame["seen"]) == pytest.approx(1.0, abs=1e-3)
    assert sum(frame["law"]) == pytest.approx(1.0, abs=1e-3)
    sampler.change({"beta": 2.0})  # the count begins anew
    assert sampler.frame()["sweeps"] == 5050
    assert np.argmax(sampler.frame()["law"]) == 0
    sampler.change({"beta": 0.1})  # what was seen at 0.7 and 2 must not count any more
    for _ in range(60):
        frame = sampler.frame()
    assert frame["tv"] < 3.0 * frame["tv_floor"]


def test_clamped_spins_stay_and_the_law_knows():
    sampler = live()
    sampler.change({"clamp": [3, 1]})
    frames = [sampler.frame() for _ in range(60)]
    assert all(spins_of(frame)[3] == 1 for frame in frames)
    assert frames[-1]["tv"] < 3.0 * frames[-1]["tv_floor"]
    sampler.change({"clamp": [3, 0]})
    assert {spins_of(sampler.frame())[3] for _ in range(40)} == {-1, 1}


def test_pauses_and_energies():
    sampler = live()
    frame = sampler.frame()
    energy = GLASS.energies(spins_of(frame)[None, :])[0]
    assert frame["energies"][-1] == pytest.approx(energy, abs=1e-5)
    sampler.change({"paused": True})
    assert sampler.frame() is None
    large = LiveSampler(backend("reference"), resolve("[ea3d L=4 seed=1]"))
    assert not large.about()["has_law"]
    assert "law" not in large.frame()


@pytest.mark.parametrize(
    "command",
    [{}, [], {"beta": -1}, {"beta": "1"}, {"beta": True}, {"beta": float("nan")}, {"sweeps": 0}, {"sweeps": 1.5},
     {"paused": 1}, {"port": ["a", 1]}, {"clamp": [8, 1]}, {"clamp": [0, 2]}, {"clamp": [0]}, {"luck": 1},
     {"beta": 1.0, "sweeps": 0}],
)  # fmt: skip
def test_bad_commands_change_nothing(command):
    sampler = live()
    before = sampler.about()
    with pytest.raises(InputError):
        sampler.change(command)
    assert sampler.about() == before


@pytest.mark.promise("codesign.scope")
def test_server_gives_page_stream_and_refuses_strangers():
    with Scope(live(), 0, 100) as scope:
        status, page = ask(scope, "GET", "/")
        assert status == 200
        assert "http://" not in page.replace("http://www.w3.org", "")  # nothing from elsewhere
        assert "https://" not in page
        assert json.loads(ask(scope, "GET", "/about")[1])["n_spins"] == 8
        kind = {"Content-Type": "application/json"}
        assert json.loads(ask(scope, "POST", "/command", '{"beta": 1.5}', kind)[1])["beta"] == 1.5
        for body, headers in (('{"beta": -1}', kind), ("{", kind), ('{"beta": 1}', {}), ("x" * 5000, kind)):
            status, text = ask(scope, "POST", "/command", body, headers)
            assert status == 400
            assert text.count("\n") == 1
        assert ask(scope, "GET", "/about", headers={"Host": "elsewhere.example"})[0] == 403
        assert ask(scope, "GET", "/secret")[0] == 404
        connection = http.client.HTTPConnection(HOST, int(scope.url.rsplit(":", 1)[1].strip("/")), timeout=10)
        connection.request("GET", "/stream")
        answer = connection.getresponse()
        frames = []
        while len(frames) < 5:
            line = answer.readline().decode()
            if line.startswith("data: "):
                frames.append(json.loads(line[6:])["frame"])
        assert frames == sorted(set(frames))
        connection.close()
    assert not any("serve_forever" in thread.name for thread in threading.enumerate())


def test_taken_ports_and_bad_rates_are_refused():
    with Scope(live()) as scope, pytest.raises(InputError, match="Port must be free"):
        Scope(live(), int(scope.url.rsplit(":", 1)[1].strip("/")))
    with pytest.raises(InputError, match="Frames a second"):
        Scope(live(), 0, 0)


@pytest.fixture(scope="module")
def browser():
    webdriver = pytest.importorskip("selenium.webdriver")
    paths = shutil.which("chromium"), shutil.which("chromedriver")
    if None in paths:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = paths[0]
    for flag in FLAGS.split():
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(paths[1]))
    yield driver
    driver.quit()


@pytest.mark.promise("codesign.scope")
@pytest.mark.filterwarnings("ignore")
def test_a_browser_holds_ports_and_shows_numbers(browser):
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    sampler = LiveSampler(backend("reference"), resolve("[multiplier bits=2]"), beta=1.0, sweeps=100, seed=1)
    with Scope(sampler, 0, 40) as scope:
        wait = WebDriverWait(browser, 20)
        browser.get(scope.url)
        wait.until(lambda _: browser.find_element("id", "port-p").is_displayed())
        browser.find_element("id", "port-p").send_keys("6", Keys.ENTER)
        wait.until(lambda _: scope.live.about()["held"] == {"p": 6})
        wait.until(lambda _: browser.find_element("id", "now-p").text == "6")
        wait.until(
            lambda _: (
                {"a 2 b 3 p 6", "a 3 b 2 p 6"} == set(browser.find_element("id", "readings").text.split("\n")[:4:2])
            )
        )
        browser.find_element("id", "port-p").send_keys("9", Keys.ENTER)  # 69 needs more than 4 bits
        wait.until(lambda _: "0 ... 15" in browser.find_element("id", "note").text)
        assert scope.live.about()["held"] == {"p": 6}
        browser.find_element("id", "free-p").click()
        wait.until(lambda _: scope.live.about()["held"] == {})


@pytest.mark.promise("codesign.scope")
@pytest.mark.filterwarnings("ignore")
def test_a_browser_shows_spins_and_obeys(browser):
    from selenium.webdriver.support.ui import WebDriverWait

    def script(text):
        return browser.execute_script(text)

    with Scope(live(), 0, 40) as scope:
        wait = WebDriverWait(browser, 20)
        browser.get(scope.url)
        wait.until(lambda _: int(script("return document.body.dataset.frame || 0")) > 10)
        assert "8 p-bits" in browser.find_element("id", "what").text
        first = script("return document.getElementById('spins').toDataURL()")
        wait.until(lambda _: script("return document.getElementById('spins').toDataURL()") != first)
        browser.find_element("id", "spins").click()  # the middle of 3 x 3: spin 4 is clamped to +1
        wait.until(lambda _: scope.live.about()["clamps"][4] == 1)
        assert "TV" in browser.find_element("id", "tv").text
        script("const b = document.getElementById('beta'); b.value = 2; b.dispatchEvent(new Event('change'))")
        wait.until(lambda _: scope.live.about()["beta"] == 2.0)
        browser.find_element("id", "free").click()
        wait.until(lambda _: not any(scope.live.about()["clamps"]))
        browser.find_element("id", "pause").click()
        wait.until(lambda _: scope.live.about()["paused"])
        wait.until(lambda _: browser.find_element("id", "pause").text == "Run")

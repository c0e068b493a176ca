// Walks through the dashboard of a running server in a real browser, as its owner would on the
// first evening. What it needs is told in walk.mjs.
import { accessible, base, gallery, hang, link, must, ok, on, open, phone, shot, until, walk } from "./walk.mjs";

const sentence = (page) => page.locator(".sentence").innerText();
const countOf = async (page) => Number((await page.locator(".numbers dd").last().innerText()).split("\n")[0].replace(/\D/g, ""));

/** The pictures of the gallery, by page and dress: how they are called, and how tall they are. */
const pictures = {
  "/ light": ["overview-light", 760],
  "/events/* dark": ["event-dark", 1440],
  "/events/* phone": ["event-phone", 1720],
  "/events/* korean dark phone": ["event-korean-phone", 1720],
  "/new light": ["setup-light", 1300],
  "/play light": ["play-light", 1320],
  "/keys light": ["keys-light", 1040],
};

async function forGallery(page, path, dress) {
  const picture = pictures[`${path} ${dress}`];
  if (!gallery || !picture) return;
  if (path === "/new") {
    await page.getByLabel("Begin from").selectOption({ index: 1 });
    await page.waitForTimeout(800);
  }
  await hang(page, ...picture);
}

/** Every page, in one dress. */
async function look(page, slug, dress) {
  const paths = ["/", `/events/${slug}`, `/events/${slug}/edit`, "/new", "/play", "/keys", "/people", "/audit"];
  for (const path of paths) {
    on(`${path} in ${dress}`);
    await page.goto(base + path);
    await page.locator("h1").waitFor();
    if (path.startsWith("/events/") && !path.endsWith("/edit")) await page.locator(".plot canvas").waitFor();
    await page.waitForLoadState("load");
    await page.waitForTimeout(700);
    await accessible(page, `${path} in ${dress}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    must(!wide, "the page is wider than the screen");
    if (dress.includes("phone") && path === `/events/${slug}`) await page.locator(".chart-part").evaluate((e) => e.scrollIntoView());
    await forGallery(page, path.replace(slug, "*"), dress);
    await shot(page, `${dress.replaceAll(" ", "-")}-${path === "/" ? "overview" : path.replace(`/events/${slug}`, "event").replaceAll("/", "-").replace(/^-/, "")}`);
  }
  ok(`axe finds nothing on ${paths.length} pages in ${dress}`);
}

await walk(async () => {
  const page = await open();

  on("nobody signed in");
  await page.goto(`${base}/keys`);
  await page.locator("form input[type=password]").waitFor();
  const refused = await page.evaluate(() => fetch("/v1/events").then((r) => r.status));
  must(refused === 401, `/v1/events answers ${refused} to nobody, not 401`);
  await accessible(page, "the sign-in page");
  await shot(page, "sign-in");
  ok("without signing in: the sign-in page, and 401");

  on("a link that somebody spoilt");
  await page.goto(`${base}/sign-in?next=http://#%`);
  await page.locator("form input[type=password]").waitFor();
  must(!page.url().includes("#"), `what follows # stays in the address: ${page.url()}`);

  on("signing in with the printed link");
  await page.goto(link);
  await page.locator("text=/You are in|Nothing has been listened to yet|^Events$/").first().waitFor();
  must(!page.url().includes("#"), `the token stays in the address: ${page.url()}`);
  const skip = page.getByRole("button", { name: "Not now, go on" });
  if (await skip.isVisible()) {
    await accessible(page, "the offer of a password");
    await skip.click();
  }
  await page.locator("h1").waitFor();
  ok("signed in with the link; its token has left the address");

  on("the same link again");
  const other = await open();
  await other.goto(link);
  await other.locator("[role=alert]").waitFor();
  await other.context().close();
  ok("the link does not work twice");

  on("playing the drill");
  if (!(await page.getByRole("heading", { name: "Play the drill" }).isVisible())) await page.goto(`${base}/play`);
  await page.getByRole("radio", { name: /A launch that falls silent/ }).waitFor();
  await accessible(page, "the offers");
  await shot(page, "first-run", { fullPage: true });
  must((await page.getByLabel("Speed").first().inputValue()) === "60x", "the drill is not offered at 60x");
  await page.getByRole("button", { name: "Play the drill" }).click();
  await page.waitForURL(/\/events\/[^/]+/);
  const slug = decodeURIComponent(new URL(page.url()).pathname.split("/")[2]);
  await page.locator(".plot canvas").waitFor();
  must(await page.locator(".mark-simulated").first().isVisible(), "the drill is not marked as simulated");
  ok(`the drill plays, as ${slug}, marked as simulated`);

  on("watching the drill");
  const first = await sentence(page), before = await countOf(page);
  await until(page, "following live", () => /following live/.test(document.querySelector(".follow")?.textContent ?? ""));
  await until(page, "complaints come without a reload", (n) => Number((document.querySelector(".numbers > div:last-child dd")?.firstChild?.textContent ?? "").replace(/\D/g, "")) > n + 20, before, 150_000);
  ok(`complaints rose from ${before} to ${await countOf(page)}`);
  await until(page, "a service fails", () => document.querySelector(".state-down, .state-degraded") !== null, null, 150_000);
  ok("a service is shown as failing");
  await until(page, "the sentence changes", (s) => document.querySelector(".sentence").innerText !== s, first, 150_000);
  ok(`the sentence went from “${first}” to “${await sentence(page)}”`);
  await until(page, "the reasons of a complaint are marked in its text", () => document.querySelector(".post-text mark.bad") !== null);
  const told = await page.evaluate(() => [document.querySelector(".sentence").innerText, document.querySelector(".numbers dd .sub").innerText]);
  const [said5, tile5] = told.map((t) => /(?:of|the) ([\d,]+) posts/.exec(t)?.[1]);
  must(said5 === undefined || said5 === tile5, `the sentence and the figure beside it count other posts: ${told.join(" | ")}`);
  must(!told[0].includes("UTC"), `the sentence is not in the zone of the page: ${told[0]}`);
  must(!(await page.locator(".lanes").innerText()).includes("heard 0%"), "a source that is heard is told as not heard");
  ok("sentence, figures and lanes say the same");
  await shot(page, "drill-live");
  if (gallery) {
    await page.evaluate(() => Promise.all(["calm", "townhall"].map((scenario) => fetch("/v1/drills", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ scenario, speed: "max" }) }))));
    await page.evaluate(() => fetch("/v1/keys", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: "newsroom", scopes: ["read", "export"], expires_in: "90d" }) }));
    await page.waitForTimeout(9_000); // a good part of the trouble
    await hang(page, "event-light", 1440);
  }

  on("zooming");
  await page.locator(".plot").scrollIntoViewIfNeeded();
  const over = page.locator(".plot .u-over"), box = await over.boundingBox();
  await page.mouse.move(box.x + box.width * 0.55, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2, { steps: 8 });
  await page.mouse.up();
  await page.waitForURL(/[?&]from=.*&to=/);
  const zoomed = new URL(page.url());
  await page.locator(".plot").focus();
  await page.keyboard.press("+");
  await page.waitForFunction((u) => location.href !== u, zoomed.href);
  await page.keyboard.press("Shift+ArrowLeft");
  await page.waitForTimeout(600);
  await page.keyboard.press("ArrowLeft");
  must((await page.locator(".plot + [role=status]").innerText()).includes("Complaints"), "the cursor is not read out");
  ok("a drag and the keyboard zoom; the cursor is read out");

  on("reloading the same address");
  const address = page.url();
  const seen = () => page.evaluate(() => ({ url: location.href, take: document.querySelector(".take .note").textContent, lines: [...document.querySelectorAll(".legend tbody th")].map((x) => x.textContent), zone: document.querySelector(".zone-note span").textContent }));
  const was = await seen();
  await page.reload();
  await page.locator(".plot canvas").waitFor();
  await page.waitForTimeout(800);
  const is = await seen();
  must(page.url() === address && JSON.stringify(is) === JSON.stringify(was), `another view after a reload:\n  ${JSON.stringify(was)}\n  ${JSON.stringify(is)}`);
  await page.locator(".chart-part").evaluate((e) => e.scrollIntoView());
  await shot(page, "zoomed");
  ok("the same address shows the same view");

  on("the figures as a table");
  await page.getByRole("button", { name: "Show as a table" }).click();
  await page.locator("table.figures tbody tr").first().waitFor();
  await accessible(page, "the event with its table");
  await page.getByRole("button", { name: "Hide the table" }).click();
  ok("the chart is a table too");

  on("making a key");
  const csv = await page.locator(".take a", { hasText: "CSV" }).getAttribute("href");
  await page.goto(`${base}/keys`);
  await page.locator("form.panel input").first().fill("e2e");
  await page.getByRole("checkbox", { name: /export/ }).check();
  await page.getByRole("button", { name: "Make the key" }).click();
  await page.locator(".once").waitFor();
  await accessible(page, "the key that was made");
  const secret = await page.locator(".once input").inputValue();
  must(secret.length >= 20, "no secret is shown");
  const withKey = (url, key = secret) => fetch(base + url, { headers: { Authorization: `Bearer ${key}` } });
  const keyed = await withKey(csv);
  must(keyed.status === 200, `the key is answered ${keyed.status} at ${csv}`);
  const rows = await keyed.text();
  const own = await page.evaluate((u) => fetch(u).then((r) => r.text()), csv);
  must(rows.split("\n").length > 3 && rows.split("\n")[0] === own.split("\n")[0], "the key gets other figures than the page");
  const settled = (text) => text.split("\n").slice(0, 4).join("\n");
  must(settled(rows) === settled(own), `the key gets other figures than the page:\n${settled(rows)}\n${settled(own)}`);
  must((await withKey("/v1/keys")).status === 403, "a key without the scope admin lists keys");
  must((await withKey("/v1/events", `${secret.slice(0, -2)}xx`)).status === 401, "a wrong key is not refused");
  ok("a key was made and gets the same figures; out of its scope it is refused");

  on("the secret after a reload");
  await page.reload();
  await page.locator("table").waitFor();
  must(!(await page.content()).includes(secret), "the secret is shown again");
  await page.getByRole("button", { name: "Revoke e2e" }).click();
  await page.locator("dialog").waitFor();
  await accessible(page, "the question before revoking");
  await page.locator("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.locator("tr", { hasText: "e2e" }).locator("text=revoked").waitFor();
  must((await withKey(csv)).status === 401, "a revoked key is not refused");
  ok("the secret is gone, and the revoked key is refused");

  on("somebody who may only look");
  const invited = await page.evaluate(() => fetch("/v1/people", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: "e2e-viewer", role: "viewer" }) }).then((r) => r.json()));
  const viewer = await open(), refusals = [];
  viewer.on("response", (r) => r.status() === 403 && refusals.push(r.url()));
  await viewer.goto(invited.link);
  await viewer.getByRole("button", { name: "Not now, go on" }).click();
  for (const path of ["/new", "/play", "/keys", "/people", "/audit"]) {
    await viewer.goto(base + path);
    await viewer.locator("h1").waitFor();
    await viewer.waitForLoadState("networkidle");
  }
  await viewer.goto(`${base}/events/${slug}`);
  await viewer.locator(".numbers").waitFor();
  must((await viewer.getByRole("button", { name: "Change the status" }).count()) === 0, "who may only look is offered to change the status");
  must(refusals.length === 0, `pages of who may only look ask for what is refused: ${refusals.join(", ")}`);
  await viewer.context().close();
  ok("who may only look is offered nothing else, and no page asks for it");

  on("an address that leads nowhere");
  must((await page.goto(`${base}/nowhere`)).status() === 404, "it is not answered with 404");
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  ok("an address that leads nowhere says so on a page");

  await look(page, slug, "light");
  const state = await page.context().storageState();
  const dark = await open({ colorScheme: "dark", storageState: state });
  await look(dark, slug, "dark");
  await dark.context().close();
  const hand = await open({ ...phone, storageState: state });
  await look(hand, slug, "phone");
  await hand.context().close();
  const korean = await open({ ...phone, colorScheme: "dark", locale: "ko-KR", timezoneId: "Asia/Seoul", storageState: state });
  await look(korean, slug, "korean dark phone");
  must((await korean.evaluate(() => document.documentElement.lang)) === "ko", "the page does not say that it is Korean");
  await korean.context().close();

  if (gallery) {
    on("the last pictures");
    await page.goto(`${base}/events/${slug}?series=complaints,complaint_share,health&from=2023-05-24T21:50:00Z&to=2023-05-24T22:40:00Z&step=1m&tz=America/New_York`);
    await page.locator(".plot canvas").waitFor();
    await hang(page, "event-zoomed", 1440);
    const desk = await open({ locale: "ko-KR", timezoneId: "Asia/Seoul", storageState: state });
    await desk.goto(`${base}/events/${slug}`);
    await desk.locator(".plot canvas").waitFor();
    await hang(desk, "event-korean", 1440);
    await desk.context().close();
  }

  on("signing out");
  await page.goto(`${base}/`);
  await page.locator(".choices button[aria-haspopup=dialog]").click();
  await page.locator("dialog").waitFor();
  await accessible(page, "the account");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.waitForURL(/\/sign-in/); // the account has a field for a password too
  await page.locator("form input[type=password]").waitFor();
  must((await page.evaluate(() => fetch("/v1/events").then((r) => r.status))) === 401, "after signing out /v1/events still answers");
  await page.goto(`${base}/events/${slug}`);
  await page.locator("form input[type=password]").waitFor();
  ok("signed out, and refused");
});

// What a page does beyond its HTML. Without it every page shows the same values, as of when it was loaded.
import { keepAgesTrue, serverNow } from "./ages";
import { offerCopies } from "./copy";
import { offerSearch } from "./search";
import { followEvents } from "./live";

keepAgesTrue();
offerSearch();
offerCopies();
followEvents();

// uPlot and all that draws with it is loaded where there are charts only.
const charts = document.querySelector<HTMLElement>("[data-chart-script]");
if (charts) {
  const { drawCharts } = (await import(charts.dataset["chartScript"] ?? "")) as typeof import("./charts/page");
  drawCharts(charts, serverNow);
}

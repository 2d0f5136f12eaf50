// What a page does beyond its HTML. Without it every page shows the same values, as of when it was loaded.
import { keepAgesTrue } from "./ages";
import { offerSearch } from "./search";
import { followEvents } from "./live";

keepAgesTrue();
offerSearch();
followEvents();

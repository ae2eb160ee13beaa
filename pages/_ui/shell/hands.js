// What every page needs for hands that are quicker than the server.

import { mindClicks } from "./clicks.js";
import { stayWritable } from "./writable.js";

export default function () {
  mindClicks();
  stayWritable();
}

// The widget for a level on a scale: as for one label, in a row from end to end, each with its score.

import { make } from "../dom.js";
import { part } from "../sitting.js";
import { choiceWidget } from "./choice.js";

export const scaleWidget = {
  ...choiceWidget,
  told: "Rated",
  mount(it) {
    choiceWidget.mount(it);
    part(it, "choices").toggleAttribute("data-scale", true);
    it.choices.forEach(({ name, score }, place) => {
      if (score !== null && name !== String(score)) it.buttons[place].append(make("small", "score", String(score)));
    });
  },
};

"use strict";
// The curves are drawn beforehand: nothing is left to do but to say that the page is there.
window.plannerTradeoff = true;

// The map page: what starts with it.
plannerParts.push(function (planner) {
  "use strict";
  planner.start = function (map, groups) {
    planner.addLayers(map, groups);
    planner.drawLayerList();
    planner.drawViews();
    planner.startPanels();
    planner.startSearch();
    planner.startYears();
    planner.startButtons();
    planner.setLanguage(planner.firstLanguage());
    planner.refresh();
    window.plannerMap = { layers: planner.layers, map, select: planner.select, find: planner.find, setLanguage: planner.setLanguage };
  };

  planner.refresh = function () {
    planner.refill();
    Object.values(planner.layers).forEach((layer) => { layer.box.checked = layer.visible(); });
    planner.markView();
    planner.drawLegend();
    planner.declutter();
  };
});

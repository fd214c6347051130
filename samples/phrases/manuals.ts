/** Pages of made-up manuals, each with questions and the words of the page that answer them. */
export interface Page {
  text: string;
  asked: readonly (readonly [question: string, answer: string])[];
}
export const PAGES: readonly Page[] = [
  {
    text: "The Bergen 40 kettle holds 1.7 litres. Fill it at least to the lower mark before switching it on. It turns itself off after four minutes without water. The lid opens with the button behind the handle.",
    asked: [
      ["How much water does the kettle hold?", "1.7 litres"],
      ["When does it turn itself off without water?", "after four minutes"],
      ["Where is the button that opens the lid?", "behind the handle"],
      ["To which mark must it be filled at least?", "the lower mark"],
    ],
  },
  {
    text: "Screw the legs of the oak side table in by hand. Use the felt pads on stone floors. The table carries 25 kilograms. Oil the top once a year with linseed oil, never with furniture polish.",
    asked: [
      ["How much weight does the table carry?", "25 kilograms"],
      ["What is the top oiled with?", "linseed oil"],
      ["How often should the top be oiled?", "once a year"],
      ["On which floors are the felt pads used?", "stone floors"],
    ],
  },
  {
    text: "The Sava 2 toaster was designed by Mette Lund in 2019. Empty the crumb tray every week. Frozen bread needs the button with the snowflake. A lever that does not stay down means that the plug is out.",
    asked: [
      ["Who designed the toaster?", "Mette Lund"],
      ["When was it designed?", "2019"],
      ["How often must the crumb tray be emptied?", "every week"],
      ["Which button does frozen bread need?", "the button with the snowflake"],
    ],
  },
  {
    text: "Returns are free for thirty days. Write to returns@heimvik.example and name your order number. The money is back on your card within five working days. Opened bedding cannot be returned.",
    asked: [
      ["For how long are returns free?", "thirty days"],
      ["Where should a return be written to?", "returns@heimvik.example"],
      ["When is the money back?", "within five working days"],
      ["What cannot be returned?", "Opened bedding"],
    ],
  },
  {
    text: "Our workshop in Aarhus repairs lamps of every maker. A new cable costs 18 euros. Bring the lamp in from Monday to Thursday. Repairs take about two weeks and have a guarantee of one year.",
    asked: [
      ["Where is the workshop?", "Aarhus"],
      ["How much does a new cable cost?", "18 euros"],
      ["On which days can a lamp be brought in?", "from Monday to Thursday"],
      ["How long do repairs take?", "about two weeks"],
    ],
  },
  {
    text: "Wash the wool blanket by hand at 30 degrees. Dry it flat, away from the sun. Moths keep away from cedar wood. The red edge was woven by the Larsen family in Gudvangen.",
    asked: [
      ["At what temperature is the blanket washed?", "30 degrees"],
      ["How should it be dried?", "flat, away from the sun"],
      ["Who wove the red edge?", "the Larsen family"],
      ["What keeps moths away?", "cedar wood"],
    ],
  },
  {
    text: "The Mira wall clock runs on one AA battery. Pull the crown to set the hands. It is set by radio from Frankfurt every night at two. Hang it away from steel beams.",
    asked: [
      ["What does the clock run on?", "one AA battery"],
      ["What is pulled to set the hands?", "the crown"],
      ["From where is it set by radio?", "Frankfurt"],
      ["When is it set?", "every night at two"],
    ],
  },
  {
    text: "Season the cast iron pan before its first use. Rub it with rapeseed oil and bake it for one hour at 220 degrees. Never put it into the dishwasher. Rust comes off with coarse salt.",
    asked: [
      ["How long is the pan baked?", "one hour"],
      ["What is it rubbed with?", "rapeseed oil"],
      ["What takes rust off?", "coarse salt"],
      ["Where must it never be put?", "into the dishwasher"],
    ],
  },
  {
    text: "Delivery is free above 60 euros. Parcels leave our store in Leeds on the same day when you order before noon. The driver calls half an hour before he comes. Furniture is carried to the first door.",
    asked: [
      ["Above which sum is delivery free?", "60 euros"],
      ["Where is the store?", "Leeds"],
      ["When does the driver call?", "half an hour before he comes"],
      ["Where is furniture carried to?", "the first door"],
    ],
  },
  {
    text: "The Lumo desk light has three levels. Hold the switch for two seconds to dim it. Its bulb lasts 25,000 hours and is changed by our service. Children under six should not use it alone.",
    asked: [
      ["How many levels does the light have?", "three"],
      ["How long is the switch held to dim it?", "two seconds"],
      ["How long does the bulb last?", "25,000 hours"],
      ["Who changes the bulb?", "our service"],
    ],
  },
];

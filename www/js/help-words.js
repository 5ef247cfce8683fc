// Why it does not record: by what one sees, in plain words, with the cures. `states` name those of the dashcam.

import { PHONE_CASES } from "./network-help.js";

export const HELP = [
  {
    title: "What the bar at the top says",
    cases: [
      {
        states: ["no_card", "card_read_only"],
        see: "NOT RECORDING, and something about the card",
        means: "The dashcam finds no card to write to, or the card has locked itself against writing.",
        cures: [
          "Take the card out and put it in firmly. Wait half a minute: recording starts by itself.",
          "A card that has locked itself is worn out: copy the clips to a computer, then use a new one made for dashcams (“high endurance”).",
        ],
      },
      {
        states: ["card_full"],
        see: "NOT RECORDING, the card is full",
        means: "Kept clips, photos or other files have taken all the room; loop clips alone never do.",
        cures: [
          "Open Clips, filter for kept ones, and unlock or delete what is not needed.",
          "Other files on the card (music, backups) do not belong there: remove them on a computer.",
        ],
      },
      {
        states: ["card_slow"],
        see: "NOT RECORDING, or a remark: the card is too slow",
        means: "The card takes longer to write than the camera takes to fill the memory.",
        cures: [
          "Often it passes by itself after some seconds.",
          "If it comes back, use a card made for dashcams, or a smaller picture in the settings.",
        ],
      },
      {
        states: ["no_camera", "camera_failed"],
        see: "NOT RECORDING, and something about the camera",
        means: "The dashcam finds no camera, or the camera sends no pictures.",
        cures: [
          "Switch the power off. Open the clip of the flat cable at both ends, push the cable in straight, close the clip. Then give power again.",
          "With a USB camera: another socket, another cable.",
          "If it worked until now and stands in the sun: let it cool down.",
        ],
      },
      {
        states: ["stopped"],
        see: "NOT RECORDING, it was stopped by hand",
        means: "Somebody has touched Stop, on this phone or another.",
        cures: ["Touch “Start recording” in the bar at the top."],
      },
      {
        states: ["guarding"],
        see: "Guarding",
        means: "The car is parked: the last seconds are held in memory, and kept when something moves or hits the car.",
        cures: ["To record all the time, choose another mode below the live picture."],
      },
      {
        states: ["off"],
        see: "Not recording, the mode is off",
        means: "Somebody has chosen the mode off, or the timetable in the settings has.",
        cures: ["Choose another mode below the live picture, or touch “Start recording”."],
      },
      {
        states: ["unreachable"],
        see: "NOT RECORDING?",
        means:
          "The page works, but the recorder does not answer it: most likely it does not record. If it has ended it is started again by itself.",
        cures: [
          "Wait a minute.",
          "Restart the dashcam: under Status, or by taking the power away for ten seconds.",
          "If it stays: the log of the recorder, under Status, says why.",
        ],
      },
      {
        states: ["starting"],
        see: "Starting",
        means: "The dashcam has just been given power.",
        cures: ["Wait half a minute. If it stays, look at the log of the recorder, under Status."],
      },
      {
        states: ["lost"],
        see: "Connection lost",
        means:
          "This phone does not hear the dashcam, so nobody can tell from here whether it records. It needs no phone for that, but it does need power.",
        cures: [
          "Is the phone's hotspot on, or is the phone in the dashcam's Wi-Fi? Phones leave a Wi-Fi without internet: tell yours to stay.",
          "Go nearer. Wait half a minute: the page finds its way back by itself.",
          "Look at the lamp of the dashcam, below.",
        ],
      },
    ],
  },
  {
    title: "What the small lamp on the dashcam's board does",
    cases: [
      {
        states: [],
        see: "It is dark",
        means: "There is no power.",
        cures: [
          "Is the plug in, and does the car's socket give power without the key? Try another socket.",
          "Try another cable: many charge phones but are too thin for this.",
        ],
      },
      {
        states: [],
        see: "It flickers now and then",
        means: "It is running and writes to the card: most likely it records, whatever the phone says.",
        cures: ["If the page cannot be reached, see below."],
      },
      {
        states: [],
        see: "It blinks the same number of times, again and again",
        means: "The board cannot start from the card.",
        cures: ["Take the card out and put it in firmly.", "If it goes on: write the dashcam's system to a new card."],
      },
      {
        states: [],
        see: "It is lit and never flickers",
        means: "The board has power but does not work from the card.",
        cures: ["Take the power away for ten seconds and give it again.", "Then as for blinking."],
      },
    ],
  },
  {
    title: "The page cannot be reached",
    cases: [
      {
        states: [],
        see: "The browser says that it cannot find the page",
        means: "Phone and dashcam are not in the same network, or the phone asks its mobile network instead.",
        cures: [
          "Wait a minute after power-on.",
          "Switch the phone's hotspot on, or join the dashcam's Wi-Fi, as it was set up.",
          "If the phone asks whether to stay in a network without internet: yes. Else switch mobile data off for a moment.",
          "Type the address with http:// before it. If the name does not work, take the number that the hotspot's list of devices shows.",
        ],
      },
      ...PHONE_CASES,
    ],
  },
  {
    title: "It records, but",
    cases: [
      {
        states: [],
        see: "The picture is a drawn road",
        means: "No camera was found, and the synthetic drive stands in for it.",
        cures: ["Connect the camera with the power off, then give power again."],
      },
      {
        states: [],
        see: "Frames are dropped, or writes are slow",
        means: "The card cannot keep up.",
        cures: ["Use a card made for dashcams.", "Choose a smaller picture or fewer bits in the settings."],
      },
      {
        states: [],
        see: "The voltage is too low",
        means: "Cable or supply are too weak: the machine slows down and may stop in the middle of a clip.",
        cures: ["Use a short, thick cable and a supply with at least 2.5 A."],
      },
      {
        states: [],
        see: "The time is wrong",
        means: "The board has no clock of its own; it learns the time from GPS, the internet or this page.",
        cures: ["Leave the page open for a moment.", "Set the time zone in the settings."],
      },
    ],
  },
];

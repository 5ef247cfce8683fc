// How phones' hotspots are set so that the dashcam finds them, and the page is found: for the help and beside Wi-Fi.

const NOTHING = [];

export const PHONE_CASES = [
  {
    states: NOTHING,
    see: "The dashcam does not join an iPhone's hotspot",
    means:
      "An iPhone shows its hotspot only while the page of it is open or somebody is on it; and as it comes it may send at 5 GHz, which small boards do not hear.",
    cures: [
      "In the iPhone's settings, Personal Hotspot: switch on “Allow Others to Join” and “Maximise Compatibility” (that is 2.4 GHz).",
      "Keep that page open until the dashcam has joined. In the first minutes after power-on it looks most often; later touch “Try now” here.",
      "If the hotspot's password was changed on the iPhone, type it here again.",
      "Its name has a curved apostrophe (Zoe’s iPhone): take it from the list, or copy it as it is.",
    ],
  },
  {
    states: NOTHING,
    see: "The dashcam does not join an Android phone's hotspot",
    means: "The hotspot sends at 5 GHz, wants WPA3 alone, or has switched itself off.",
    cures: [
      "In the hotspot's settings: band 2.4 GHz, or “Extend compatibility”.",
      "Security: WPA2, or WPA2/WPA3.",
      "Switch off “Turn off hotspot automatically”.",
    ],
  },
  {
    states: NOTHING,
    see: "dashcam.local cannot be found",
    means: "Not every browser knows names that end in .local; some Android phones do not.",
    cures: [
      "Type the address with numbers, and http:// before it. On the dashcam's own access point that is 10.41.0.1",
      "On a phone's hotspot the list of connected devices shows the number.",
      "Switch mobile data and VPN off for a moment: some phones ask there first.",
    ],
  },
];

// Why something was kept: a sign and a word for each cause.

/** By cause: the sign, one word for lists, and what it means. */
export const CAUSES = {
  motion: { sign: "motion", word: "Motion", means: "something moved" },
  impact: { sign: "impact", word: "Impact", means: "the car was slowed down hard" },
  button: { sign: "lock", word: "Saved", means: "somebody pressed save" },
  api: { sign: "program", word: "Program", means: "another program asked for it" },
  hand: { sign: "cut", word: "Cut", means: "cut out afterwards" },
};

export const causeOf = ({ cause }) => CAUSES[cause] ?? { sign: "lock", word: cause, means: cause };

/** `12 s · score 62`; what was not measured is left out. */
export function measureWords(clip) {
  const seconds = Math.round(clip.duration_seconds);
  const length = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return clip.event?.score ? `${length} · score ${Math.round(clip.event.score)}` : length;
}

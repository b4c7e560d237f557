/** Stands for the package string-width in the program: the help is plain ASCII, and building that package's tables costs time at each start. */
export default function textWidth(text) {
  return text.length;
}

// A plugin that never answers.

export default () => {
  for (;;);
};

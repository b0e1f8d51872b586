// One call of a built-in that visits nine thousand million million indexes.
Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);

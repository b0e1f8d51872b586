// expect: stack_limit
// then: usable

const pattern = { [Symbol.replace]: (text) => text.replace(pattern, '') };
'a'.replace(pattern, '');

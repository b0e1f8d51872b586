export default (text) => `${text.split(/\s+/).length} words`;

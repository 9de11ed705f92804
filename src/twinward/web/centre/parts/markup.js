// HTML from the server, changed in place: what stays the same keeps its focus, its selection and its open details.
function patch(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName || (to.id && from.id !== to.id)) {
    from.replaceWith(to.cloneNode(true));
    return;
  }
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) return;
  for (const { name } of [...from.attributes])
    if (!to.hasAttribute(name) && !(name === "open" && from.nodeName === "DETAILS")) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  children(from, to);
}
function children(from, to) {
  const before = [...from.childNodes];
  const after = [...to.childNodes];
  after.forEach((node, i) => (before[i] ? patch(before[i], node) : from.append(node.cloneNode(true))));
  before.slice(after.length).forEach((node) => node.remove());
}
export default {
  template: `<component :is="tag" @click="pressed"></component>`,
  props: { html: String, tag: String },
  mounted() {
    this.$el.innerHTML = this.html;
  },
  watch: {
    html(now) {
      const parsed = document.createElement("template");
      parsed.innerHTML = now;
      children(this.$el, parsed.content);
    },
  },
  methods: {
    pressed(event) {
      const button = event.target.closest("[data-do]");
      if (button && this.$el.contains(button)) this.$emit("do", { ...button.dataset });
    },
  },
};

// Waveforms that sweep like a bedside monitor's: chunks come about once a second, frames are drawn as the screen asks.

const SECONDS = 6; // across the screen, as at 25 mm/s on a screen of 15 cm
const BEHIND = 1.3; // seconds between the newest sample and the pen, so that a late chunk does not stop it
const GAP = 0.25; // seconds wiped ahead of the pen
const KEPT = 12; // seconds of samples kept

export default {
  template: `<div class="waves" role="img" :aria-label="words"><canvas ref="canvas"></canvas>
    <span v-for="(one, i) in channels" :style="{ top: (100 * i) / channels.length + 1 + '%', color: 'var(' + one.colour + ')' }">
      {{ one.label }}</span></div>`,
  props: { channels: Array, words: String },
  mounted() {
    this.parts = []; // {start, step, data: {name: [..]}}
    this.pen = null; // seconds of the body's clock at which the pen stands
    this.last = null;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.resize = new ResizeObserver(() => this.fit());
    this.resize.observe(this.$el);
    this.theme = new MutationObserver(() => this.fit());
    this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.fit();
    const draw = (now) => {
      this.frame(now);
      this.asked = requestAnimationFrame(draw);
    };
    this.asked = requestAnimationFrame(draw);
  },
  unmounted() {
    cancelAnimationFrame(this.asked);
    this.resize.disconnect();
    this.theme.disconnect();
  },
  methods: {
    push(part) {
      this.parts.push(part);
      const end = part.start + part.step * part.count;
      while (this.parts.length && this.parts[0].start + this.parts[0].step * this.parts[0].count < end - KEPT)
        this.parts.shift();
      const wanted = end - BEHIND;
      if (this.pen === null || Math.abs(this.pen - wanted) > 3) this.pen = wanted; // first chunk, or the tab slept
      this.newest = end;
    },
    fit() {
      const canvas = this.$refs.canvas, ratio = window.devicePixelRatio || 1;
      canvas.width = Math.max(1, Math.round(this.$el.clientWidth * ratio));
      canvas.height = Math.max(1, Math.round(this.$el.clientHeight * ratio));
      const style = getComputedStyle(this.$el);
      this.colours = this.channels.map((one) => style.getPropertyValue(one.colour).trim() || one.colour);
      this.ground = style.getPropertyValue("--monitor").trim() || "#05080f";
      const pen = canvas.getContext("2d");
      pen.fillStyle = this.ground;
      pen.fillRect(0, 0, canvas.width, canvas.height);
    },
    frame(now) {
      if (this.pen === null) return;
      const elapsed = this.last === null ? 0 : Math.min((now - this.last) / 1000, 0.5);
      if (this.still.matches && elapsed < 1 && this.last !== null && now - this.last < 1000) return;
      this.last = now;
      // the pen follows the samples softly: it never overtakes them, and catches up where it has fallen behind
      const lag = this.newest - this.pen;
      const pace = lag > BEHIND + 0.4 ? 1.1 : lag < BEHIND - 0.4 ? 0.9 : 1.0;
      const from = this.pen, to = Math.min(this.pen + elapsed * pace, this.newest - 0.05);
      if (to <= from) return;
      this.pen = to;
      const canvas = this.$refs.canvas, pen = canvas.getContext("2d");
      const width = canvas.width, row = canvas.height / this.channels.length;
      const place = (t) => ((t / SECONDS) % 1) * width;
      const wipe = (a, b) => {
        pen.fillStyle = this.ground;
        if (b >= a) pen.fillRect(a, 0, b - a + 1, canvas.height);
        else {
          pen.fillRect(a, 0, width - a, canvas.height);
          pen.fillRect(0, 0, b + 1, canvas.height);
        }
      };
      wipe(place(from) + 1, place(to + GAP));
      pen.lineWidth = 2 * (window.devicePixelRatio || 1);
      pen.lineJoin = "round";
      this.channels.forEach((channel, index) => {
        pen.strokeStyle = this.colours[index];
        const scale = (v) => row * (index + 0.92) - ((v - channel.low) / (channel.high - channel.low)) * row * 0.84;
        pen.beginPath();
        let open = false, before = null;
        for (const part of this.parts) {
          const data = part.data[channel.name];
          if (!data) continue;
          const first = Math.max(0, Math.floor((from - part.start) / part.step) - 1);
          const past = Math.min(part.count, Math.ceil((to - part.start) / part.step) + 1);
          for (let i = first; i < past; i++) {
            const x = place(part.start + i * part.step);
            const y = Math.min(row * (index + 1) - 1, Math.max(row * index + 1, scale(data[i])));
            if (!open || (before !== null && x < before)) pen.moveTo(x, y);
            else pen.lineTo(x, y);
            open = true;
            before = x;
          }
        }
        pen.stroke();
      });
    },
  },
};

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileName } from '../../web/export/save.js';
import { SvgContext } from '../../web/export/svg_context.js';
import { escapeXml } from '../../web/export/xml.js';
import fc from '../random_cases.js';

test('whatever the text, special characters are escaped, and those that XML forbids are gone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeXml(text);
      assert.doesNotMatch(escaped, /[<>"']|&(?!(?:amp|lt|gt|quot|apos);)/);
      for (const sign of escaped) assert.ok(sign >= ' ' || '\t\n\r'.includes(sign), JSON.stringify(sign));
      assert.doesNotMatch(escaped, /[\ufffe\uffff]/);
      assert.doesNotMatch(escaped, /\p{Surrogate}/u);
    }),
  );
  assert.equal(escapeXml('a < b & "c"\u0001\ud800'), 'a &lt; b &amp; &quot;c&quot;\ufffd\ufffd');
});

test('a drawing as SVG holds its rectangles, paths and text', () => {
  const context = new SvgContext(200, 100);
  context.fillStyle = '#123456';
  context.globalAlpha = 0.5;
  context.fillRect(10, 20, 30, 40);
  context.globalAlpha = 1;
  context.fillRect(0, 0, 0, 10);
  context.beginPath();
  context.moveTo(1, 2);
  context.lineTo(3.1388, 4);
  context.setLineDash([2, 3]);
  context.strokeStyle = 'red';
  context.stroke();
  context.font = '500 12px "Mono", monospace';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText('a <b>', 50, 50);
  const svg = context.toString({ title: 'T & U', background: '#fff' });
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="200" height="100"/);
  assert.match(svg, /<title>T &amp; U<\/title><rect width="200" height="100" fill="#fff"\/>/);
  assert.match(svg, /<rect x="10" y="20" width="30" height="40" fill="#123456" fill-opacity="0.5"\/>/);
  assert.match(svg, /<path d="M1 2L3.14 4" fill="none" stroke="red" stroke-width="1" stroke-dasharray="2 3"\/>/);
  assert.match(svg, /font-family="&quot;Mono&quot;, monospace" font-size="12" font-weight="500" text-anchor="middle"/);
  assert.match(svg, />a &lt;b&gt;<\/text>/);
  assert.equal(svg.match(/<rect/g)?.length, 2, 'a rectangle without an area is not drawn');
});

test('restore brings back what was saved, and clipping holds until then', () => {
  const context = new SvgContext(10, 10);
  context.save();
  context.beginPath();
  context.rect(0, 0, 5, 5);
  context.clip();
  context.fillStyle = 'blue';
  context.fillRect(1, 1, 1, 1);
  context.restore();
  context.fillRect(2, 2, 1, 1);
  const svg = context.toString({ title: '' });
  assert.match(svg, /<clipPath id="clip-1"><path d="M0 0h5v5h-5Z"\/><\/clipPath>/);
  assert.match(svg, /fill="blue" clip-path="url\(#clip-1\)"/);
  assert.match(svg, /<rect x="2" y="2" width="1" height="1" fill="#000"\/>/);
});

test('file names are plain', () => {
  assert.equal(fileName(['Moby-Dick', 'hierarchy', 1200], 'svg'), 'moby-dick-hierarchy-1200.svg');
  assert.equal(fileName(['../<é> ', ''], 'png'), 'e.png');
  assert.equal(fileName(['日本'], 'png'), 'figure.png');
});

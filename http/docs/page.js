"use strict";
const filter = document.getElementById("filter");
const links = [...document.querySelectorAll("nav .link")];

filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/);
  for (const link of links) {
    const text = (link.title + " " + link.textContent).toLowerCase();
    link.hidden = !words.every((word) => text.includes(word));
  }
  for (const group of document.querySelectorAll("nav .group")) {
    group.hidden = !group.querySelector(".link:not([hidden])");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== filter) {
    event.preventDefault();
    filter.focus();
  }
});

for (const block of document.querySelectorAll("pre")) {
  const text = block.textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1200);
  });
  block.append(button);
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links) {
      link.classList.toggle("here", link.hash === "#" + entry.target.id);
    }
  }
}, { rootMargin: "0px 0px -80% 0px" });
document.querySelectorAll("article").forEach((article) => seen.observe(article));

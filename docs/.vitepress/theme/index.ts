/** The theme of the site: the default one, and the component of the page "Playground". */
import DefaultTheme from 'vitepress/theme';
import { defineAsyncComponent } from 'vue';
import './playground/playground.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }: import('vitepress').EnhanceAppContext) {
    // Only the page with the playground loads it.
    app.component(
      'Playground',
      defineAsyncComponent(() => import('./playground/Playground.vue')),
    );
  },
};
